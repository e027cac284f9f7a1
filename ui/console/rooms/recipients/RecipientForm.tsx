/** `/ops/recipients/new` and `/ops/recipients/$id`: who they are, where they can be reached, and who names them. */
import type { Problem } from "@client/problem";
import { allZones } from "@shared/time";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, ComboBox, ConfirmDialog, EmptyState, ErrorPanel, ErrorSummary, Link, Skeleton, TextField } from "../../kit";
import { useText } from "../../language";
import { http, may, queries, useSession } from "../../session";
import { announce } from "../../shell/announce";
import { Page } from "../../shell/Page";
import { channelsQuery, type Config, CONFIGS, ifMatch, type Recipient, RECIPIENTS, recipientsQuery } from "../configs/api";
import styles from "../configs/Configs.module.css";
import { Conflict } from "../configs/Conflict";
import { type Draft, dropDraft, useDraft } from "../configs/drafts";
import { anchorOf } from "../configs/form";
import { at, type Json, type JsonObject, pointerOf, put } from "../configs/model/json";
import { placeName } from "../configs/Differences";
import { Kept } from "../configs/Kept";
import { Place } from "../configs/Place";
import { text } from "./messages";
import { removed } from "./removed";

const KNOWN = ["email", "telegram", "webhook"] as const;

interface Read {
  recipient: Recipient;
  revision: number;
}

const readRecipient = (id: string): Promise<Read> =>
  http
    .call<Recipient>("GET", `${RECIPIENTS}/${encodeURIComponent(id)}`)
    .then(({ body, etag }) => ({ recipient: body, revision: Number((etag ?? "").replaceAll('"', "")) }));

export default function RecipientForm() {
  const t = useText(text);
  const { id } = useParams({ strict: false }) as { id?: string };
  const read = useQuery({ queryKey: ["recipients", "one", id], queryFn: () => readRecipient(id ?? ""), enabled: id !== undefined, staleTime: 0 });
  const title = id ? read.data?.recipient.name || id : t("create");
  if (read.error) {
    const gone = (read.error as Problem).status === 404;
    return <Page title={title}>{gone ? <EmptyState title={t("gone")} /> : <ErrorPanel error={read.error} title={t("loadFailed")} onRetry={() => void read.refetch()} />}</Page>;
  }
  if (id && !read.data) return <Page title={title}><Skeleton shape="block" /></Page>;
  const start: Draft = read.data
    ? { revision: read.data.revision, value: bodyOf(read.data.recipient) }
    : { revision: null, value: { name: "", addresses: {}, locale: "en", timezone: "UTC", roles: [] } };
  return <Editor key={id ?? "new"} id={id} title={title} start={start} />;
}

function bodyOf({ id: _, ...body }: Recipient): JsonObject {
  return body as unknown as JsonObject;
}

function Editor({ id, title, start }: { id: string | undefined; title: string; start: Draft }) {
  const t = useText(text);
  const navigate = useNavigate();
  const mayWrite = may(useSession(), "configs:write");
  const [origin] = useState(start);
  const { draft, isKept, write, discard } = useDraft(`/ops/recipients/${id ?? "new"}`, start, () => []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [theirs, setTheirs] = useState<Read | null>(null);
  const [saving, setSaving] = useState(false);
  const errors = problem?.errors ?? [];
  const errorAt = (path: readonly string[]) => errors.find((one) => one.pointer === pointerOf(path))?.detail;
  const set = (path: readonly string[], to: Json | undefined) => write(put(draft.value, path, to) as JsonObject);
  const wordsAt = (path: readonly string[]) => String(at(draft.value, path) ?? "");

  const save = async () => {
    setSaving(true);
    setProblem(null);
    try {
      await send(id, draft);
      dropDraft(`/ops/recipients/${id ?? "new"}`);
      void queries.invalidateQueries({ queryKey: ["recipients"] });
      announce(t("saved"));
      await navigate({ to: "/ops/recipients" });
    } catch (error) {
      if (id && (error as Problem).status === 412) setTheirs(await readRecipient(id));
      else setProblem(error as Problem);
    } finally {
      setSaving(false);
    }
  };
  const field = (path: readonly string[]) => ({ value: wordsAt(path), error: errorAt(path), isReadOnly: !mayWrite });
  const channels = useChannels(draft.value);

  return (
    <Page title={title} actions={id && mayWrite && <Delete id={id} name={title} revision={draft.revision ?? 0} />}>
      {isKept && <Kept onDiscard={() => discard(start)} />}
      <ErrorSummary issues={errors.map((one) => ({ target: anchorOf(one.pointer), label: placeName(one.pointer), message: one.detail }))} />
      {problem && errors.length === 0 && <ErrorPanel error={problem} onRetry={() => void save()} />}
      {theirs && (
        <Conflict
          mine={draft.value}
          theirs={bodyOf(theirs.recipient)}
          base={origin.revision === draft.revision ? origin.value : null}
          onDecide={(value) => {
            write(value, theirs.revision);
            setTheirs(null);
          }}
        />
      )}
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <section className={styles.section}>
          <Place path={["name"]}>
            <TextField label={t("name")} description={t("nameHint")} {...field(["name"])} onChange={(name) => set(["name"], name)} />
          </Place>
          {id === undefined && (
            <Place path={["id"]}>
              <TextField label={t("id")} description={t("idHint")} {...field(["id"])} onChange={(next) => set(["id"], next || undefined)} mono />
            </Place>
          )}
        </section>
        <section className={styles.section}>
          <h2>{t("addresses")}</h2>
          {channels.map((channel) => (
            <Place key={channel} path={["addresses", channel]}>
              <TextField
                label={(KNOWN as readonly string[]).includes(channel) ? t(channel as (typeof KNOWN)[number]) : channel}
                description={t("addressHint")}
                {...field(["addresses", channel])}
                onChange={(address) => set(["addresses", channel], address || undefined)}
              />
            </Place>
          ))}
        </section>
        <section className={styles.section}>
          <Place path={["locale"]}>
            <ComboBox label={t("locale")} description={t("localeHint")} options={LANGUAGES} {...field(["locale"])} onChange={(locale) => set(["locale"], locale)} />
          </Place>
          <Place path={["timezone"]}>
            <ComboBox label={t("timezone")} description={t("timezoneHint")} options={zones()} {...field(["timezone"])} onChange={(zone) => set(["timezone"], zone)} />
          </Place>
          <Place path={["roles"]}>
            <Roles value={at(draft.value, ["roles"])} error={errors.find((one) => one.pointer.startsWith("/roles"))?.detail} onChange={(roles) => set(["roles"], roles)} />
          </Place>
        </section>
        {mayWrite && (
          <div className={styles.buttons}>
            <Button variant="primary" type="submit" isPending={saving}>
              {t(id ? "save" : "createIt")}
            </Button>
            <Button onPress={() => void navigate({ to: "/ops/recipients" })}>{t("cancel")}</Button>
          </div>
        )}
      </form>
      {id && <UsedBy id={id} />}
    </Page>
  );
}

const LANGUAGES = [
  { value: "en", label: "en" },
  { value: "ru", label: "ru" },
];
const zones = () => allZones().map((zone) => ({ value: zone, label: zone }));

/** The channels there are, and those that this person has an address for already. */
function useChannels(value: JsonObject): string[] {
  const { data: channels = [] } = useQuery(channelsQuery);
  const own = Object.keys((value.addresses ?? {}) as JsonObject);
  return [...new Set([...KNOWN, ...channels.map((one) => one.name), ...own])];
}

async function send(id: string | undefined, draft: Draft): Promise<unknown> {
  if (id === undefined) return http.post(RECIPIENTS, draft.value);
  return http.call("PUT", `${RECIPIENTS}/${encodeURIComponent(id)}`, { body: draft.value, headers: ifMatch(draft.revision ?? 0) });
}

/** What is being typed stays as it was typed: "operator, " is on its way to two roles. */
function Roles({ value, error, onChange }: { value: Json | undefined; error: string | undefined; onChange: (roles: string[]) => void }) {
  const t = useText(text);
  const [typed, setTyped] = useState<string | null>(null);
  const write = (words: string) => {
    setTyped(words);
    onChange(words.split(/[\s,]+/).filter(Boolean));
  };
  const words = Array.isArray(value) ? value.join(", ") : "";
  return <TextField label={t("roles")} description={t("rolesHint")} value={typed ?? words} onChange={write} onBlur={() => setTyped(null)} error={error} />;
}

const usesQuery = (id: string) => ({
  queryKey: ["configs", "uses", id],
  queryFn: () => http.get<{ items: Config[] }>(CONFIGS, { recipient: id, limit: 100 }).then((page) => page.items),
});

function UsedBy({ id }: { id: string }) {
  const t = useText(text);
  const { data: uses } = useQuery(usesQuery(id));
  return (
    <section className={styles.section}>
      <h2>{t("usedBy")}</h2>
      {uses?.length === 0 && <p className={styles.note}>{t("usedByNone")}</p>}
      <ul className={styles.chips}>
        {uses?.map((config) => (
          <li key={config.id}>
            <Link href={`/ops/configs/${encodeURIComponent(config.id)}`}>{config.name}</Link> <code className={styles.id}>{config.id}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Delete({ id, name, revision }: { id: string; name: string; revision: number }) {
  const t = useText(text);
  const navigate = useNavigate();
  const { data: uses = [] } = useQuery(usesQuery(id));
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [pending, setPending] = useState(false);
  const remove = () => {
    setPending(true);
    http
      .call("DELETE", `${RECIPIENTS}/${encodeURIComponent(id)}`, { headers: ifMatch(revision) })
      .then(async () => {
        void queries.invalidateQueries({ queryKey: recipientsQuery.queryKey });
        await navigate({ to: "/ops/recipients" });
        removed.put({ id, name, revision });
      })
      .catch((error: Problem) => setProblem(error))
      .finally(() => setPending(false));
  };
  return (
    <>
      <Button variant="danger" onPress={() => setAsked(true)}>
        {t("delete")}
      </Button>
      <ConfirmDialog
        isOpen={asked}
        onClose={() => setAsked(false)}
        title={t("deleteTitle", { name })}
        consequence={uses.length ? t("deleteUsed", { n: uses.length, name }) : t("deleteUnused", { name })}
        confirmLabel={t("delete")}
        onConfirm={remove}
        isPending={pending}
        error={problem && <ErrorPanel error={problem} />}
      />
    </>
  );
}
