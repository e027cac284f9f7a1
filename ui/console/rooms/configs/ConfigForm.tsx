/** Create or change a config: a form drawn from its alert's schema, its steps, and the same as JSON beside it. */
import type { Problem } from "@client/problem";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { Button, ComboBox, ErrorPanel, ErrorSummary, Skeleton, Switch, TextField } from "../../kit";
import { type Text, useText } from "../../language";
import { http, queries, useSession } from "../../session";
import { useShortcuts } from "../../shell/keys";
import { Page } from "../../shell/Page";
import { announce } from "../../shell/announce";
import { type Alert, alertsQuery, type Config, configQuery, CONFIGS, ifMatch, pathOf, rememberConfig, useLiveConfigs } from "./api";
import styles from "./Configs.module.css";
import { Conflict } from "./Conflict";
import { placeName } from "./Differences";
import { type Draft, dropDraft, useDraft } from "./drafts";
import { anchorOf, FormContext, useForm } from "./form";
import { JsonField } from "./JsonField";
import { JsonSide } from "./JsonSide";
import { text } from "./messages";
import { tidied } from "./model/channel";
import { at, isObject, type Json, type JsonObject, type Path, pointerOf, put } from "./model/json";
import { fieldOf, initial, resolve, secretsOf } from "./model/schema";
import { Place } from "./Place";
import { Members } from "./SchemaField";
import { Steps, Warning } from "./Steps";
import { useVerdict } from "./verdict";

type Issue = { path: string; message: string };
type T = Text<keyof (typeof text)["en"]>;

/** `/ops/configs/new?alert=…&from=…` and `/ops/configs/$id/edit` */
export default function ConfigForm() {
  const t = useText(text);
  useLiveConfigs();
  const { id } = useParams({ strict: false }) as { id?: string };
  const { alert, from } = useSearch({ strict: false }) as { alert?: string; from?: string };
  const me = useSession().recipient;
  const alerts = useQuery(alertsQuery);
  const source = id ?? from;
  const config = useQuery({ ...configQuery(source ?? ""), enabled: source !== undefined });
  const failed = alerts.error ?? config.error;
  const title = id ? t("formEdit", { name: config.data?.name ?? id }) : t("formNew");
  if (failed) return <Page title={title}><ErrorPanel error={failed} title={t("oneLoadFailed")} onRetry={() => void (alerts.refetch(), config.refetch())} /></Page>;
  if (!alerts.data || (source !== undefined && !config.data)) return <Page title={title}><Skeleton shape="block" lines={4} /></Page>;
  const start = id && config.data ? { revision: config.data.revision, value: bodyOf(config.data) } : newDraft(alerts.data, alert, config.data, me);
  const name = `/ops/configs/${id ?? `new:${alert ?? ""}:${from ?? ""}`}`;
  return <Editor key={name} name={name} id={id} title={title} alerts={alerts.data} start={start} newest={id ? config.data : undefined} />;
}

/** What can be written of a config: all but what the server sets, and without the empty lists that it fills in. */
function bodyOf({ id: _id, revision: _revision, ...body }: Config): JsonObject {
  return { ...(body as unknown as JsonObject), channel: tidied(body.channel as unknown as JsonObject) };
}

/** A new one begins with the inbox of whoever makes it: a first notice then comes to somebody. */
function newDraft(alerts: readonly Alert[], alert: string | undefined, copied: Config | undefined, me: string | null): Draft {
  if (copied) return { revision: null, value: bodyOf(copied) };
  const name = alert ?? (alerts.length === 1 ? (alerts[0]?.name ?? "") : "");
  const channel = { panel: { recipients: me === null ? [] : [me] } };
  return { revision: null, value: { name, enabled: true, metric: metricFor(alerts, name), channel } };
}

const schemaOf = (alerts: readonly Alert[], name: Json | undefined) => (alerts.find((one) => one.name === name)?.metric_schema ?? null) as JsonObject | null;

function metricFor(alerts: readonly Alert[], name: string): JsonObject {
  const schema = schemaOf(alerts, name);
  const start = schema && initial(schema, schema);
  return isObject(start) ? start : {};
}

interface EditorProps {
  /** Of its draft. */
  name: string;
  id: string | undefined;
  title: string;
  alerts: readonly Alert[];
  start: Draft;
  /** What the server has now. */
  newest: Config | undefined;
}

function Editor({ name, id, title, alerts, start, newest }: EditorProps) {
  const t = useText(text);
  const navigate = useNavigate();
  const [origin] = useState(start);
  const secrets = (value: JsonObject) => {
    const schema = schemaOf(alerts, value.name);
    return schema ? secretsOf(schema, schema, value.metric, ["metric"]) : [];
  };
  const { draft, isKept, write, discard } = useDraft(name, start, secrets);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<readonly Issue[]>([]);
  const [failure, setFailure] = useState<Problem | null>(null);
  const [conflict, setConflict] = useState<Config | "gone" | null>(null);
  const [saving, setSaving] = useState(false);
  const verdict = useVerdict(draft.value);
  const schema = schemaOf(alerts, draft.value.name) ?? {};

  const change = (path: Path, to: Json | undefined) => {
    const pointer = pointerOf(path);
    setTouched(new Set([...touched, pointer]));
    setRefused(refused.filter((issue) => !covers(pointer, issue.path)));
    write(put(draft.value, path, to) as JsonObject);
  };
  const errorAt = (path: Path) => {
    const pointer = pointerOf(path);
    const live = [...touched].some((one) => covers(one, pointer)) ? verdict.errors : [];
    return [...refused, ...live].find((issue) => ours(issue.path) === pointer)?.message;
  };
  const save = async () => {
    setSaving(true);
    setFailure(null);
    setRefused([]);
    try {
      const saved = await send(id, draft);
      dropDraft(name);
      rememberConfig(saved);
      void queries.invalidateQueries({ queryKey: ["configs", "troubles"] });
      announce(t(id ? "saved" : "created"));
      await navigate({ to: `/ops/configs/${encodeURIComponent(saved.id)}` });
    } catch (error) {
      await refuse(error as Problem);
    } finally {
      setSaving(false);
    }
  };
  const refuse = async (problem: Problem) => {
    if (problem.errors.length) return setRefused(problem.errors.map((one) => ({ path: one.pointer, message: one.detail })));
    if (id && problem.status === 412) return setConflict(await theirs(id));
    if (id && problem.status === 404) return setConflict("gone");
    if (problem.status === 409) return setRefused([{ path: "/id", message: problem.detail }]);
    setFailure(problem);
  };
  const decide = (value: JsonObject) => {
    const revision = conflict && conflict !== "gone" ? conflict.revision : null;
    write(value, revision);
    setConflict(null);
  };
  useShortcuts([{ keys: "Mod+Enter", label: t(id ? "save" : "createIt"), group: t("title"), act: () => void save(), inFields: true }]);

  return (
    <FormContext value={{ root: schema, change, errorAt }}>
      <Page title={title}>
        {isKept && <Kept onDiscard={() => discard(newest ? { revision: newest.revision, value: bodyOf(newest) } : start)} />}
        <ErrorSummary issues={refused.map((issue) => ({ target: anchorOf(ours(issue.path)), label: placeName(issue.path), message: issue.message }))} />
        {failure && <ErrorPanel error={failure} onRetry={() => void save()} isRetrying={saving} />}
        {conflict === "gone" && <Gone onCreate={() => void createAnew()} />}
        {conflict && conflict !== "gone" && <Conflict mine={draft.value} theirs={bodyOf(conflict)} base={origin.revision === draft.revision ? origin.value : null} onDecide={decide} />}
        <form
          className={styles.columns}
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <div className={styles.form}>
            <Head id={id} alerts={alerts} value={draft.value} onAlert={(name) => write({ ...draft.value, name, ...followed(alerts, draft.value, name) })} />
            <Metric value={draft.value} schema={schemaOf(alerts, draft.value.name)} t={t} />
            <section className={styles.section}>
              <h2>{t("sectionChannels")}</h2>
              <Steps value={draft.value.channel} />
            </section>
            <div className={styles.buttons}>
              <Button variant="primary" type="submit" isPending={saving} shortcut="Mod+Enter">
                {t(id ? "save" : "createIt")}
              </Button>
              <Button onPress={() => void navigate({ to: id ? `/ops/configs/${encodeURIComponent(id)}` : "/ops/configs" })}>{t("cancel")}</Button>
            </div>
          </div>
          <aside className={styles.json}>
            <JsonSide value={draft.value} onChange={(value) => write(value)} />
          </aside>
        </form>
      </Page>
    </FormContext>
  );

  async function createAnew() {
    setConflict(null);
    write({ ...draft.value, id: id ?? null }, null);
    try {
      rememberConfig(await http.post<Config>(CONFIGS, { ...draft.value, id }));
      dropDraft(name);
      await navigate({ to: `/ops/configs/${encodeURIComponent(id ?? "")}` });
    } catch (error) {
      await refuse(error as Problem);
    }
  }
}

/** Whether a change at `changed` may have mended, or made, what is wrong at `place`. */
const covers = (changed: string, place: string) => place === changed || place.startsWith(`${changed}/`);

/** The server names the kind of a value too ("/chat_id/0/int"), a field of ours ends where its list does. */
function ours(pointer: string): string {
  return pointer.replace(/^(\/channel\/[^/]+\/(?:to|chat_id|url))\/.*$/, "$1");
}

async function send(id: string | undefined, draft: Draft): Promise<Config> {
  if (id === undefined) return http.post<Config>(CONFIGS, draft.value);
  const headers = draft.revision === null ? {} : ifMatch(draft.revision);
  return http.call<Config>("PUT", pathOf(id), { body: draft.value, headers }).then((answer) => answer.body);
}

async function theirs(id: string): Promise<Config | "gone"> {
  return queries.fetchQuery({ ...configQuery(id), staleTime: 0 }).catch((problem: Problem) => {
    if (problem.status === 404) return "gone" as const;
    throw problem;
  });
}

/** Another alert has other settings: new ones begin with its defaults, but nothing that was typed is thrown away. */
function followed(alerts: readonly Alert[], value: JsonObject, name: string): { metric?: Json } {
  const before = metricFor(alerts, String(value.name));
  const untouched = JSON.stringify(value.metric ?? {}) === JSON.stringify(before) || Object.keys(isObject(value.metric) ? value.metric : {}).length === 0;
  return untouched ? { metric: metricFor(alerts, name) } : {};
}

function Kept({ onDiscard }: { onDiscard: () => void }) {
  const t = useText(text);
  return (
    <div className={styles.kept} role="status">
      <span>{t("draftKept")}</span>
      <Button size="small" onPress={onDiscard}>
        {t("discard")}
      </Button>
    </div>
  );
}

function Gone({ onCreate }: { onCreate: () => void }) {
  const t = useText(text);
  return (
    <div className={styles.conflict} role="alert">
      <p>{t("conflictGone")}</p>
      <Button variant="primary" onPress={onCreate}>
        {t("createAnew")}
      </Button>
    </div>
  );
}

interface HeadProps {
  id: string | undefined;
  alerts: readonly Alert[];
  value: JsonObject;
  onAlert: (name: string) => void;
}

function Head({ id, alerts, value, onAlert }: HeadProps) {
  const t = useText(text);
  const form = useForm();
  const [revealed] = useState(() => value.id !== undefined);
  return (
        <section className={styles.section}>
          <Place path={["name"]}>
            <ComboBox
              label={t("alertLabel")}
              description={alerts.find((one) => one.name === value.name)?.description || t("alertHint")}
              options={alerts.map((one) => ({ value: one.name, label: one.name, description: t("alertKnown", { n: one.configs }) }))}
              value={typeof value.name === "string" ? value.name : ""}
              onChange={onAlert}
              error={form.errorAt(["name"])}
              isRequired
            />
          </Place>
          {(id === undefined || revealed) && (
            <Place path={["id"]}>
              <TextField
                label={t("idLabel")}
                description={t("idHint")}
                value={typeof value.id === "string" ? value.id : ""}
                onChange={(next) => form.change(["id"], next || undefined)}
                error={form.errorAt(["id"])}
                mono
              />
            </Place>
          )}
          <Switch value={value.enabled !== false} onChange={(on) => form.change(["enabled"], on)} description={t("enabledHint")}>
            {t("enabledLabel")}
          </Switch>
        </section>
  );
}

function Metric({ value, schema, t }: { value: JsonObject; schema: JsonObject | null; t: T }) {
  const metric = at(value, ["metric"]);
  const whole = schema && resolve(schema, schema, metric);
  const shape = whole && fieldOf(whole, schema).shape;
  return (
    <section className={styles.section}>
      <h2>{t("sectionAlert")}</h2>
      {shape?.kind === "group" ? (
        <Members members={shape.members} path={["metric"]} value={metric} />
      ) : (
        <Place path={["metric"]}>
          <JsonField label={t("metric")} description={t("noSchema")} path={["metric"]} value={metric} />
        </Place>
      )}
      <MetricError />
    </section>
  );
}

/** What is wrong with the settings as a whole: a member that the schema does not know. */
function MetricError() {
  const error = useForm().errorAt(["metric"]);
  return error ? <Warning>{error}</Warning> : null;
}
