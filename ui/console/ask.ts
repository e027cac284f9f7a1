/** How rooms ask the services for lists: all of a short one, a long one page by page. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import type { Query } from "@client/http";
import { http } from "./session";

interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** What is shown is asked for again so often. */
export const LATER_MS = 15_000;
const MOST = 500;

/** `choose` is called with each question: "the last hour" moves on. */
export const listQuery = <Item>(queryKey: readonly unknown[], path: string, limit: number, choose: () => Query) =>
  infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => http.get<Page<Item>>(path, { ...choose(), limit, next: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** Every item of a list that is known to be short. */
export async function all<Item>(path: string, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null = null;
  do {
    const page: Page<Item> = await http.get(path, { limit: MOST, next }, signal);
    items.push(...page.items);
    next = page.next;
  } while (next !== null);
  return items;
}
