/** `/ops/alerts`: the known alerts with their settings, their configs, and what they said last. */
import { useQuery } from "@tanstack/react-query";
import { Siren } from "lucide-react";
import { type Column, EmptyState, ErrorPanel, Link, Skeleton, Table, Time } from "../../kit";
import { useText } from "../../language";
import { http } from "../../session";
import { Page } from "../../shell/Page";
import { type Alert, alertsQuery } from "../configs/api";
import { useLiveConfigs } from "../configs/live";
import styles from "../configs/Configs.module.css";
import { text } from "./messages";

export default function AlertList() {
  const t = useText(text);
  useLiveConfigs();
  const alerts = useQuery(alertsQuery);
  const columns: Column<Alert>[] = [
    { id: "alert", title: t("alert"), isRowHeader: true, cell: (one) => <Link href={listOf(one)}>{one.name}</Link> },
    { id: "about", title: t("about"), cell: (one) => one.description || "–" },
    { id: "settings", title: t("settings"), cell: (one) => <code className={styles.settings}>{settingsOf(one).join(", ") || t("noSchema")}</code> },
    { id: "configs", title: t("configs"), cell: (one) => t("count", { n: one.configs, on: one.enabled }) },
    { id: "last", title: t("last"), cell: (one) => <LastNotice alert={one.name} /> },
    {
      id: "actions",
      title: t("actions"),
      isTitleHidden: true,
      isNarrow: true,
      cell: (one) => (
        <Link href={`/ops/configs/new?alert=${encodeURIComponent(one.name)}`} aria-label={t("configureIt", { alert: one.name })}>
          {t("configure")}
        </Link>
      ),
    },
  ];
  const none = <EmptyState title={t("noneTitle")} icon={<Siren aria-hidden size={32} />}>{t("noneBody")}</EmptyState>;
  return (
    <Page title={t("title")} lead={t("lead")}>
      {alerts.error && <ErrorPanel error={alerts.error} title={t("loadFailed")} onRetry={() => void alerts.refetch()} />}
      {alerts.isPending && <Skeleton shape="rows" />}
      {alerts.data && <Table label={t("title")} columns={columns} rows={alerts.data} rowKey={(one) => one.name} empty={none} />}
    </Page>
  );
}

const listOf = (alert: Alert) => `/ops/configs?name=${encodeURIComponent(alert.name)}`;

function settingsOf(alert: Alert): string[] {
  const members = alert.metric_schema?.properties;
  return typeof members === "object" && members !== null ? Object.keys(members) : [];
}

/** One small question for each alert; they are few. */
function LastNotice({ alert }: { alert: string }) {
  const t = useText(text);
  const { data } = useQuery({
    queryKey: ["notices", "last", alert],
    queryFn: () => http.get<{ items: { updated_at: string }[] }>("/api/v1/notices", { alert, limit: 1 }),
  });
  const last = data?.items[0];
  return last ? <Time value={last.updated_at} /> : <span className={styles.note}>{data ? t("never") : "…"}</span>;
}
