/** The state of a list, as it stands in the address. Parameters that nobody knows are kept. */
import { useRouter, useSearch } from "@tanstack/react-router";

export type Search = Record<string, string | undefined>;

export function useAddress(): { search: Search; change: (changes: Search, options?: { replace?: boolean }) => void } {
  const search = useSearch({ strict: false }) as Search;
  const router = useRouter();
  const change = (changes: Search, { replace = false } = {}) =>
    void router.navigate({ to: ".", search: { ...search, ...changes } as never, replace });
  return { search, change };
}

/** One of the words that are known, or the first of them. */
export function oneOf<Word extends string>(words: readonly [Word, ...Word[]], given: string | undefined): Word {
  return words.find((word) => word === given) ?? words[0];
}
