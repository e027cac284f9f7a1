/** What is known here of configs: a newer one takes the place of an older one wherever that is shown. */
import type { components } from "@client/generated/api";
import type { InfiniteData } from "@tanstack/react-query";
import { queries } from "../../session";
import type { Config, Filters } from "./api";

type Listed = components["schemas"]["Config"];
type Page = components["schemas"]["Configs"];

/** A list as far as it was asked for. */
export interface KnownList {
  filters: Filters;
  /** Nothing follows. */
  whole: boolean;
  items: Listed[];
}

/** The newest known of a config, in every list that has it or should, and on its own page. */
export function rememberConfig(config: Config): void {
  queries.setQueryData<Config>(["configs", "one", config.id], (old) => (old && old.revision > config.revision ? old : config));
  for (const [key, data] of queries.getQueriesData<InfiniteData<Page>>({ queryKey: ["configs", "list"] })) {
    if (data) queries.setQueryData(key, withConfig(data, config, key[2] as Filters));
  }
}

export function forgetConfig(id: string): void {
  queries.removeQueries({ queryKey: ["configs", "one", id], exact: true, type: "inactive" });
  queries.setQueriesData<InfiniteData<Page>>({ queryKey: ["configs", "list"] }, (data) =>
    data ? { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== id) })) } : data,
  );
}

/** The lists that are shown. */
export const knownLists = (): KnownList[] =>
  queries.getQueriesData<InfiniteData<Page>>({ queryKey: ["configs", "list"], type: "active" }).map(([key, data]) => ({
    filters: key[2] as Filters,
    whole: data?.pages.at(-1)?.next === null,
    items: data?.pages.flatMap((page) => page.items) ?? [],
  }));

/** The configs whose own page is shown. */
export const knownOnes = (): Config[] => queries.getQueriesData<Config>({ queryKey: ["configs", "one"], type: "active" }).flatMap(([, one]) => one ?? []);

function withConfig(data: InfiniteData<Page>, config: Config, filters: Filters): InfiniteData<Page> {
  const known = data.pages.some((page) => page.items.some((item) => item.id === config.id));
  if (known) {
    const newer = (item: Listed) => (item.id === config.id && (item.revision ?? 0) <= config.revision ? config : item);
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(newer) })) };
  }
  const [first, ...rest] = data.pages;
  if (!first || !belongs(config, filters)) return data;
  return { ...data, pages: [{ ...first, items: [config, ...first.items] }, ...rest] };
}

/** Whether the server would have it in a list with these filters, as far as a page can tell. */
export function belongs(config: Config, { name, enabled, q, channel, recipient }: Filters): boolean {
  const channels = Object.entries(config.channel);
  return (
    (!name || config.name === name) &&
    (!enabled || String(config.enabled) === enabled) &&
    (!q || JSON.stringify(config).toLowerCase().includes(q.toLowerCase())) &&
    (!channel || channel in config.channel) &&
    (!recipient || channels.some(([, step]) => step.recipients?.includes(recipient)))
  );
}
