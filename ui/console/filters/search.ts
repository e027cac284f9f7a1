/** The address of a list of notices ↔ its filter: all state of the list stands in the address, as plain text. */
import type { Filter, View } from "@client/inbox";
import type { Severity } from "@client/entries";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

export const VIEWS: readonly View[] = ["inbox", "unread", "archived", "all"];
export const SEVERITIES: readonly Severity[] = ["critical", "error", "warning", "success", "info"];

export type Search = Record<string, string | undefined>;

/** What the address says, and what in it is not understood. */
export interface Asked {
  filter: Filter;
  /** Whose inbox holds it: only where all notices are listed. */
  recipient: string | undefined;
  /** Names of parameters whose value means nothing here; the rest holds. */
  ignored: readonly string[];
}

export function askedBy(search: Search): Asked {
  const ignored: string[] = [];
  const take = <T extends string>(name: string, ok: (value: string) => value is T): T | undefined => {
    const value = search[name];
    if (value === undefined || value === "") return undefined;
    if (ok(value)) return value;
    ignored.push(name);
    return undefined;
  };
  const text = (value: string): value is string => value.length <= 400;
  const severity = take("sev", isSeverities)?.split(",") as Severity[] | undefined;
  const topic = take("topic", text);
  const filter: Filter = {
    view: take("view", isView) ?? "inbox",
    ...(severity ? { severity } : {}),
    ...given("alert", take("alert", isName)),
    ...given("status", take("state", isStatus)),
    ...given("topic", topic),
    ...given("entity", topic ? take("entity", text) : undefined),
    ...given("q", take("q", (value): value is string => value.length <= 200)),
    ...given("from", take("from", isTime)),
    ...given("to", take("to", isTime)),
  };
  return { filter, recipient: take("who", isSegment), ignored };
}

const given = <Name extends string, T>(name: Name, value: T | undefined) => (value === undefined ? {} : { [name]: value });
const isView = (value: string): value is View => (VIEWS as readonly string[]).includes(value);
const isStatus = (value: string): value is "firing" | "resolved" => value === "firing" || value === "resolved";
const isSeverities = (value: string): value is string => value.split(",").every((one) => (SEVERITIES as readonly string[]).includes(one));
const isName = (value: string): value is string => /^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/.test(value);
const isSegment = (value: string): value is string => /^[A-Za-z0-9_][A-Za-z0-9._:@+~-]{0,199}$/.test(value);
const isTime = (value: string): value is string => /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));

/** Whether anything but the view narrows the list. */
export const isFiltered = ({ view: _, ...rest }: Filter): boolean => Object.keys(rest).length > 0;

/** The parameters that are filters, besides the view. */
export const FILTERS = ["sev", "alert", "state", "topic", "entity", "q", "from", "to", "who"] as const;

/** The changes that take all filters away. */
export const cleared = (): Search => Object.fromEntries(FILTERS.map((name) => [name, undefined]));

/** What the address asks for, and how to ask for something else; parameters that nobody knows are kept. */
export function useAsked(): Asked & { search: Search; change: (changes: Search, options?: { replace?: boolean }) => void } {
  const search = useSearch({ strict: false }) as Search;
  const router = useRouter();
  const text = JSON.stringify(search);
  return useMemo(() => {
    const change = (changes: Search, { replace = false } = {}) =>
      void router.navigate({ to: ".", search: { ...search, ...changes } as never, replace });
    return { ...askedBy(search), search, change };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the same text is the same search
  }, [text, router]);
}
