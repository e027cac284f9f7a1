/** What the configs' rooms ask of the server. */
import type { Entry } from "@client/entries";
import type { components } from "@client/generated/api";
import type { Problem } from "@client/problem";
import { queryOptions } from "@tanstack/react-query";
import { LATER_MS, listQuery } from "../../ask";
import { wordedErrors } from "../../problems/words";
import { http, queries } from "../../session";
import { forgetConfig, rememberConfig } from "./known";
import type { JsonObject } from "./model/json";

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
/** A list that is asked for whole has no more. */
export const MOST = 500;
const OFTEN_MS = 500;
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
    refetchInterval: ({ state }) => (state.data?.length ? LATER_MS : OFTEN_MS),
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

/** What the server has now, after it refused a change to something older. */
export function refreshConfig(id: string): Promise<void> {
  return queries
    .fetchQuery({ ...configQuery(id), staleTime: 0 })
    .then(rememberConfig)
    .catch((problem: Problem) => {
      if (problem.status === 404) forgetConfig(id);
    });
}
