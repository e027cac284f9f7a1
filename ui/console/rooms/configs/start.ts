/** What a form begins with. */
import type { Alert, Config } from "./api";
import type { Draft } from "./drafts";
import { tidied } from "./model/channel";
import { isObject, type Json, type JsonObject } from "./model/json";
import { initial } from "./model/schema";

/** What can be written of a config: all but what the server sets, and without the empty lists that it fills in. */
export function bodyOf({ id: _id, revision: _revision, ...body }: Config): JsonObject {
  return { ...(body as unknown as JsonObject), channel: tidied(body.channel as unknown as JsonObject) };
}

/** A new one begins with the inbox of whoever makes it: a first notice then comes to somebody. */
export function newDraft(alerts: readonly Alert[], alert: string | undefined, copied: Config | undefined, me: string | null): Draft {
  if (copied) return { revision: null, value: bodyOf(copied) };
  const name = alert ?? (alerts.length === 1 ? (alerts[0]?.name ?? "") : "");
  const channel = { panel: { recipients: me === null ? [] : [me] } };
  return { revision: null, value: { name, enabled: true, metric: metricFor(alerts, name), channel } };
}

export function schemaOf(alerts: readonly Alert[], name: Json | undefined): JsonObject | null {
  return (alerts.find((one) => one.name === name)?.metric_schema ?? null) as JsonObject | null;
}

function metricFor(alerts: readonly Alert[], name: string): JsonObject {
  const schema = schemaOf(alerts, name);
  const start = schema && initial(schema, schema);
  return isObject(start) ? start : {};
}

/** Another alert has other settings: new ones begin with its defaults, but nothing that was typed is thrown away. */
export function renamed(alerts: readonly Alert[], value: JsonObject, name: string): JsonObject {
  const metric = isObject(value.metric) ? value.metric : {};
  const before = metricFor(alerts, String(value.name));
  const isUntouched = Object.keys(metric).length === 0 || JSON.stringify(metric) === JSON.stringify(before);
  return { ...value, name, ...(isUntouched ? { metric: metricFor(alerts, name) } : {}) };
}
