/** Create or change a config: a form drawn from its alert's schema, its steps, and the same as JSON beside it. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Button, ErrorPanel, ErrorSummary, Skeleton } from "../../kit";
import { useText } from "../../language";
import { useSession } from "../../session";
import { useShortcuts } from "../../shell/keys";
import { Page } from "../../shell/Page";
import { alertsQuery, type Config, configQuery } from "./api";
import { useLiveConfigs } from "./live";
import styles from "./Configs.module.css";
import { Conflict } from "./Conflict";
import { placeName } from "./Differences";
import type { Draft } from "./drafts";
import { anchorOf, FormContext } from "./form";
import { Head } from "./Head";
import { JsonSide } from "./JsonSide";
import { Kept } from "./Kept";
import { text } from "./messages";
import { Metric } from "./Metric";
import { bodyOf, newDraft, renamed, schemaOf } from "./start";
import { Steps } from "./Steps";
import { type EditorOptions, useEditor } from "./useEditor";
import { ours } from "./useIssues";

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
  const again = () => void (alerts.refetch(), source !== undefined && config.refetch());
  if (failed) return <Page title={title}><ErrorPanel error={failed} title={t("oneLoadFailed")} onRetry={again} /></Page>;
  if (!alerts.data || (source !== undefined && !config.data)) return <Page title={title}><Skeleton shape="block" lines={4} /></Page>;
  const start = id && config.data ? draftOf(config.data) : newDraft(alerts.data, alert, config.data, me);
  const name = `/ops/configs/${id ?? `new:${alert ?? ""}:${from ?? ""}`}`;
  return <Editor key={name} name={name} id={id} title={title} alerts={alerts.data} start={start} newest={id ? config.data : undefined} />;
}

const draftOf = (config: Config): Draft => ({ revision: config.revision, value: bodyOf(config) });

interface EditorProps extends EditorOptions {
  title: string;
  /** What the server has now. */
  newest: Config | undefined;
}

function Editor({ title, newest, ...options }: EditorProps) {
  const t = useText(text);
  const navigate = useNavigate();
  const { id, alerts, start } = options;
  const editor = useEditor(options);
  const { draft, write } = editor;
  const schema = schemaOf(alerts, draft.value.name);
  const label = t(id ? "save" : "createIt");
  const leave = () => void navigate({ to: id ? `/ops/configs/${encodeURIComponent(id)}` : "/ops/configs" });
  useShortcuts([{ keys: "Mod+Enter", label, group: t("title"), act: () => void editor.save(), inFields: true }]);
  return (
    <FormContext value={{ root: schema ?? {}, change: editor.change, errorAt: editor.errorAt }}>
      <Page title={title}>
        {editor.isKept && <Kept onDiscard={() => editor.discard(newest ? draftOf(newest) : start)} />}
        <Obstacles editor={editor} />
        <form
          className={styles.columns}
          onSubmit={(event) => {
            event.preventDefault();
            void editor.save();
          }}
        >
          <div className={styles.form}>
            <Head isNew={id === undefined} alerts={alerts} value={draft.value} onAlert={(name) => write(renamed(alerts, draft.value, name))} />
            <Metric value={draft.value} schema={schema} />
            <section className={styles.section}>
              <h2>{t("sectionChannels")}</h2>
              <Steps value={draft.value.channel} />
            </section>
            <div className={styles.buttons}>
              <Button variant="primary" type="submit" isPending={editor.isSaving} shortcut="Mod+Enter">
                {label}
              </Button>
              <Button onPress={leave}>{t("cancel")}</Button>
            </div>
          </div>
          <aside className={styles.json}>
            <JsonSide value={draft.value} onChange={(value) => write(value)} />
          </aside>
        </form>
      </Page>
    </FormContext>
  );
}

/** Why it was not saved, and what can be done about it. */
function Obstacles({ editor }: { editor: ReturnType<typeof useEditor> }) {
  const { obstacle, origin, draft, refused } = editor;
  const issues = refused.map(({ pointer, detail }) => ({ target: anchorOf(ours(pointer)), label: placeName(pointer), message: detail }));
  const base = origin.revision === draft.revision ? origin.value : null;
  return (
    <>
      <ErrorSummary issues={issues} />
      {obstacle?.kind === "failed" && <ErrorPanel error={obstacle.problem} onRetry={() => void editor.save()} isRetrying={editor.isSaving} />}
      {obstacle?.kind === "gone" && <Gone onCreate={() => void editor.createAnew()} />}
      {obstacle?.kind === "changed" && (
        <Conflict mine={draft.value} theirs={bodyOf(obstacle.theirs)} base={base} onDecide={(value) => editor.decide(value, obstacle.theirs)} />
      )}
    </>
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
