/** `/ops/configs/$id/history`: who changed what, and the way back to any of it. */
import type { Problem } from "@client/problem";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { Button, ErrorPanel, Link, Skeleton, Time } from "../../kit";
import { useText } from "../../language";
import { may, useSession } from "../../session";
import { Page } from "../../shell/Page";
import { type Revision, restoreConfig, revisionsQuery } from "./api";
import { useLiveConfigs } from "./live";
import styles from "./Configs.module.css";
import { Differences } from "./Differences";
import { text } from "./messages";
import { differences, type JsonObject } from "./model/json";

export default function HistoryPage() {
  const t = useText(text);
  useLiveConfigs();
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const revisions = useQuery(revisionsQuery(id));
  return (
    <Page title={t("revisions", { id: nameIn(revisions.data) ?? id })} lead={<code>{id}</code>} actions={<Link href="/ops/configs">{t("back")}</Link>}>
      {revisions.error && <ErrorPanel error={revisions.error} onRetry={() => void revisions.refetch()} />}
      {revisions.isPending && <Skeleton shape="rows" />}
      <ol className={styles.revisions}>
        {revisions.data?.map((revision, index) => (
          <li key={revision.revision}>
            <Entry id={id} revision={revision} before={revisions.data[index + 1]} isNow={index === 0} />
          </li>
        ))}
      </ol>
    </Page>
  );
}

/** The newest name that it had; what deletes it has none. */
const nameIn = (revisions: readonly Revision[] = []) => revisions.map((one) => one.body?.name).find((name) => typeof name === "string") as string | undefined;

const WORDS = { created: "didCreate", updated: "didUpdate", restored: "didRestore", deleted: "didDelete" } as const;

function Entry({ id, revision, before, isNow }: { id: string; revision: Revision; before: Revision | undefined; isNow: boolean }) {
  const t = useText(text);
  const mayWrite = may(useSession(), "configs:write");
  const label = t("revisionN", { n: revision.revision });
  return (
    <article className={styles.revision} aria-label={label}>
      <header className={styles.stepHead}>
        <span className={styles.stepName}>
          <h2>{label}</h2>
          <span>{t(WORDS[revision.action])}</span>
          <span className={styles.note}>
            {revision.by.name || revision.by.id} · <Time value={revision.at} />
            {isNow && ` · ${t("current")}`}
          </span>
        </span>
        {mayWrite && revision.body && !isNow && <Restore id={id} revision={revision.revision} />}
      </header>
      {revision.body && before?.body ? (
        <Differences label={label} differences={differences(plain(before.body), plain(revision.body))} />
      ) : (
        revision.body && <p className={styles.note}>{before ? t("didRestore") : t("firstOne")}</p>
      )}
    </article>
  );
}

/** Without what changes every time. */
function plain({ revision: _, ...body }: Record<string, unknown>): JsonObject {
  return body as JsonObject;
}

function Restore({ id, revision }: { id: string; revision: number }) {
  const t = useText(text);
  const navigate = useNavigate();
  const [problem, setProblem] = useState<Problem | null>(null);
  const restore = () =>
    restoreConfig(id, revision)
      .then(() => navigate({ to: `/ops/configs/${encodeURIComponent(id)}` }))
      .catch((error: Problem) => setProblem(error));
  return (
    <>
      <Button size="small" icon={<RotateCcw aria-hidden size={14} />} onPress={() => void restore()} aria-label={t("restoreN", { n: revision })}>
        {t("restore")}
      </Button>
      {problem && <ErrorPanel error={problem} />}
    </>
  );
}
