/** What the configs' rooms ask of the server, and how live changes get into what was answered. */
import type { Entry } from "@client/entries";
import type { components } from "@client/generated/api";
import type { Problem } from "@client/problem";
import { type InfiniteData, queryOptions } from "@tanstack/react-query";
import { LATER_MS, listQuery } from "../../ask";
import { wordedErrors } from "../../problems/words";
import { http, queries } from "../../session";
import { TOO_EARLY, useSoon } from "../../soon";
import type { JsonObject } from "./model/json";
import { type Told, useTold } from "./told";

type Schemas = components["schemas"];
export type Config = Required<Schemas["Config"]>;
export type Recipient = Schemas["Recipient"];
export type Alert = Schemas["AlertInUse"];
export type Channel = Schemas["Channels"]["items"][number];
export type Revision = Schemas["RevisionView"];
export type Verdict = Schemas["VerdictView"];
export type Trouble = Schemas["Trouble"];
export type PlannedItem = Schemas["PlannedItem"];
type Listed = Schemas["Config"];
type Page = Schemas["Configs"];

export interface Filters {
  name?: string | undefined;
  enabled?: string | undefined;
  q?: string | undefined;
  channel?: string | undefined;
  recipient?: string | undefined;
}

export const CONFIGS = "/api/v1/configs";
export const RECIPIENTS = "/api/v1/recipients";
const PAGE = 100;
const MOST = 500;
const SOON_MS = 500;
/** Notices of a config are looked for among so many of its alert. */
const LOOKED_AT = 50;
const FEW = 5;

export const configsQuery = (filters: Filters) => listQuery<Listed>(["configs", "list", filters], CONFIGS, PAGE, () => ({ ...filters }));

export const configQuery = (id: string) =>
  queryOptions({ queryKey: ["configs", "one", id], queryFn: ({ signal }) => http.get<Config>(`${CONFIGS}/${encodeURIComponent(id)}`, {}, signal) });

export const troublesQuery = queryOptions({
  queryKey: ["configs", "troubles"],
  queryFn: ({ signal }) => http.get<{ items: Trouble[] }>(`${CONFIGS}/problems`, { limit: MOST }, signal).then((page) => wordedItems(page.items)),
});

export const revisionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["configs", "revisions", id],
    queryFn: ({ signal }) => http.get<{ items: Revision[] }>(`${CONFIGS}/${encodeURIComponent(id)}/revisions`, {}, signal).then((page) => page.items),
  });

/**
 * The last notices of a config, with those of which their alert does not tell by which config it speaks. Asked often until
 * there is one, which somebody waits for.
 */
export const noticesQuery = ({ id, name }: Config) =>
  queryOptions({
    queryKey: ["notices", "of config", id],
    queryFn: async ({ signal }) => {
      const page = await http.get<{ items: Entry[] }>("/api/v1/notices", { alert: name, limit: LOOKED_AT }, signal);
      return page.items.filter((one) => (one.config ?? id) === id).slice(0, FEW);
    },
    refetchInterval: ({ state }) => (state.data?.length ? LATER_MS : SOON_MS),
  });

export const alertsQuery = queryOptions({
  queryKey: ["alerts"],
  queryFn: ({ signal }) => http.get<{ items: Alert[] }>("/api/v1/alerts", { limit: MOST }, signal).then((page) => page.items),
});

export const recipientsQuery = queryOptions({
  queryKey: ["recipients", "list"],
  queryFn: ({ signal }) => http.get<{ items: Recipient[] }>(RECIPIENTS, { limit: MOST }, signal).then((page) => page.items),
});

/** Empty for those who may not see how channels fare. */
export const channelsQuery = queryOptions({
  queryKey: ["configs", "channels"],
  queryFn: ({ signal }) =>
    http
      .get<{ items: Channel[] }>("/api/v1/channels", {}, signal)
      .then((page) => page.items)
      .catch((problem: Problem) => {
        if (problem.status === 403) return [];
        throw problem;
      }),
});

/** Each with what is wrong with it in the reader's words. */
export const wordedItems = <Item extends { errors: Trouble["errors"] }>(items: readonly Item[]): Promise<Item[]> =>
  Promise.all(items.map(async (item) => ({ ...item, errors: await wordedErrors(item.errors) })));

export const ifMatch = (revision: number) => ({ "If-Match": `"${revision}"` });

export const pathOf = (id: string) => `${CONFIGS}/${encodeURIComponent(id)}`;

export function patchConfig(config: Config, patch: JsonObject): Promise<Config> {
  return http.call<Config>("PATCH", pathOf(config.id), { body: patch, headers: ifMatch(config.revision) }).then(({ body }) => {
    rememberConfig(body);
    return body;
  });
}

export function deleteConfig(config: Config): Promise<void> {
  return http.call("DELETE", pathOf(config.id), { headers: ifMatch(config.revision) }).then(() => forgetConfig(config.id));
}

export function restoreConfig(id: string, revision: number): Promise<Config> {
  return http.post<Config>(`${pathOf(id)}/revisions/${revision}/restore`).then((config) => {
    rememberConfig(config);
    return config;
  });
}

/** The newest known of a config: in every list that has it or should, and on its own page. */
export function rememberConfig(config: Config): void {
  queries.setQueryData<Config>(["configs", "one", config.id], (old) => (old && old.revision > config.revision ? old : config));
  for (const [key, data] of queries.getQueriesData<InfiniteData<Page>>({ queryKey: ["configs", "list"] })) {
    if (data) queries.setQueryData(key, withConfig(data, config, key[2] as Filters));
  }
}

/** What the server has now, after it refused a change to something older. */
export function refreshConfig(id: string): Promise<void> {
  return queries
    .fetchQuery({ ...configQuery(id), staleTime: 0 })
    .then(rememberConfig)
    .catch((problem: Problem) => {
      if (problem.status === 404) forgetConfig(id);
    });
}

function withConfig(data: InfiniteData<Page>, config: Config, filters: Filters): InfiniteData<Page> {
  const known = data.pages.some((page) => page.items.some((item) => item.id === config.id));
  if (known) {
    const newer = (item: Schemas["Config"]) => (item.id === config.id && (item.revision ?? 0) <= config.revision ? config : item);
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(newer) })) };
  }
  const [first, ...rest] = data.pages;
  if (!first || !belongs(config, filters)) return data;
  return { ...data, pages: [{ ...first, items: [config, ...first.items] }, ...rest] };
}

function belongs(config: Config, { name, enabled, q, channel, recipient }: Filters): boolean {
  const channels = Object.entries(config.channel);
  return (
    (!name || config.name === name) &&
    (!enabled || String(config.enabled) === enabled) &&
    (!q || JSON.stringify(config).toLowerCase().includes(q.toLowerCase())) &&
    (!channel || channel in config.channel) &&
    (!recipient || channels.some(([, step]) => step.recipients?.includes(recipient)))
  );
}

function forgetConfig(id: string): void {
  queries.removeQueries({ queryKey: ["configs", "one", id], exact: true, type: "inactive" });
  queries.setQueriesData<InfiniteData<Page>>({ queryKey: ["configs", "list"] }, (data) =>
    data ? { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== id) })) } : data,
  );
}

/** Live changes go into what is shown; what is made of many things at once is asked for again, once for a burst. */
export function useLiveConfigs(): void {
  const refresh = useSoon(() => {
    if (queries.isFetching({ queryKey: ["configs"] }) > 0) return TOO_EARLY; // an answer on its way may be older
    void queries.invalidateQueries({ queryKey: troublesQuery.queryKey });
    void queries.invalidateQueries({ queryKey: ["configs", "revisions"] });
    return queries.invalidateQueries({ queryKey: alertsQuery.queryKey });
  }, SOON_MS);
  useTold("config", ["configs"], isOlder, (event) => {
    if (event.action === "deleted" || !event.data) forgetConfig(event.key);
    else rememberConfig(event.data as unknown as Config);
    refresh();
  });
  useTold("recipient", ["recipients"], differs, () => {
    void queries.invalidateQueries({ queryKey: ["recipients"] });
    refresh();
  });
}

/** Whether a config that is shown has changed or gone, or one is missing in a list that is whole. */
function isOlder(told: Told): boolean {
  const lists = queries.getQueriesData<InfiniteData<Page>>({ queryKey: ["configs", "list"], type: "active" });
  const ones = queries.getQueriesData<Config>({ queryKey: ["configs", "one"], type: "active" });
  const listed = lists.map(([key, data]) => ({ filters: key[2] as Filters, whole: data?.pages.at(-1)?.next === null, items: itemsOf(data) }));
  const shown = [...listed.flatMap(({ items }) => items), ...ones.flatMap(([, one]) => one ?? [])];
  return (
    shown.some(({ id, revision = 0 }) => !told.has(id) || Number(told.get(id)?.revision) > revision) ||
    listed.some(({ filters, whole, items }) => whole && [...told].some(([id, one]) => items.every((item) => item.id !== id) && belongs(one as unknown as Config, filters)))
  );
}

const itemsOf = (data: InfiniteData<Page> | undefined): Listed[] => data?.pages.flatMap((page) => page.items) ?? [];

/** Recipients have no revision: whether they are not the same any more. */
function differs(told: Told): boolean {
  const known = queries.getQueryData(recipientsQuery.queryKey);
  const same = (one: Recipient) => Object.entries(told.get(one.id) ?? {}).every(([name, value]) => JSON.stringify(one[name as keyof Recipient]) === JSON.stringify(value));
  return known !== undefined && ((known.length < MOST && known.length !== told.size) || known.some((one) => !told.has(one.id) || !same(one)));
}
