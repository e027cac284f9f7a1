/** Each service, as it tells of itself; one that does not answer has a row all the same. */
import type { Problem } from "@client/problem";
import { formatDuration } from "@shared/time";
import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { CircleCheck, CircleX, TriangleAlert } from "lucide-react";
import { Button, Chip, type Column, Skeleton, Table } from "../../kit";
import { useLocale, useText } from "../../language";
import { Page } from "../../shell/Page";
import { serviceQuery, type ServiceReport } from "../operate/api";
import { bytes, count } from "../operate/numbers";
import { SERVICES, type ServiceName, skewOf, upFor, waiting } from "./facts";
import { text } from "./messages";
import styles from "./system.module.css";

interface Row {
  name: ServiceName;
  report: ServiceReport | undefined;
  heardAt: number;
  error: Problem | null;
}

export default function System() {
  const t = useText(text);
  const asked = useQueries({ queries: SERVICES.map(serviceQuery) });
  const columns = useColumns();
  const isPending = asked.some((one) => one.isPending);
  const rows = asked.map((one, at) => rowOf(SERVICES[at] as ServiceName, one));
  const bad = rows.filter((row) => row.error || !row.report?.ready).length;
  const again = () => asked.forEach((one) => void one.refetch());
  return (
    <Page title={t("title")} lead={t("lead")} actions={<Button onPress={again}>{t("retry")}</Button>}>
      {isPending ? (
        <Skeleton shape="rows" lines={SERVICES.length} />
      ) : (
        <>
          <p role="status" className={bad ? styles.bad : styles.good}>
            {bad ? <TriangleAlert aria-hidden size={18} /> : <CircleCheck aria-hidden size={18} />}
            {bad ? t("someNot", { n: bad }) : t("allReady")}
          </p>
          <Table label={t("title")} columns={columns} rows={rows} rowKey={(row) => row.name} />
        </>
      )}
    </Page>
  );
}

function rowOf(name: ServiceName, asked: UseQueryResult<{ report: ServiceReport; heardAt: number }>): Row {
  const error = asked.isError ? (asked.error as unknown as Problem) : null;
  return { name, report: error ? undefined : asked.data?.report, heardAt: asked.data?.heardAt ?? 0, error };
}

function useColumns(): readonly Column<Row>[] {
  const t = useText(text);
  const locale = useLocale();
  return [
    { id: "service", title: t("service"), isRowHeader: true, cell: (row) => <Service name={row.name} /> },
    { id: "state", title: t("state"), cell: (row) => <State row={row} /> },
    { id: "queues", title: t("queues"), cell: ({ report }) => report && <Queues report={report} /> },
    {
      id: "followers",
      title: t("followers"),
      align: "end",
      isNarrow: true,
      cell: ({ report }) => (typeof report?.followers === "number" ? count(report.followers, locale) : "–"),
    },
    {
      id: "up",
      title: t("upFor"),
      isNarrow: true,
      cell: ({ report }) => (report ? formatDuration(upFor(report), locale) : "–"),
    },
    { id: "storage", title: t("storage"), cell: ({ report }) => report && <Storage report={report} /> },
    {
      id: "version",
      title: t("version"),
      cell: ({ report }) =>
        report && (
          <>
            {report.version} <span className={styles.said}>· Python {report.python}</span>
          </>
        ),
    },
  ];
}

function Service({ name }: { name: ServiceName }) {
  const t = useText(text);
  return (
    <>
      {t(`name_${name}`)}
      <div className={styles.said}>{t(`what_${name}`)}</div>
    </>
  );
}

function State({ row: { report, heardAt, error } }: { row: Row }) {
  const t = useText(text);
  const locale = useLocale();
  const skew = report && skewOf(report, heardAt);
  if (!report || !report.ready) {
    const words = report ? t("notReady") : error && [401, 403].includes(error.status) ? t("refused") : t("away");
    return (
      <>
        <Chip tone="error" icon={<CircleX aria-hidden size={12} />}>
          {words}
        </Chip>
        <div className={styles.said}>{report?.missing ?? error?.detail}</div>
      </>
    );
  }
  return (
    <>
      <Chip tone="success" icon={<CircleCheck aria-hidden size={12} />}>
        {t("ready")}
      </Chip>
      {skew && <div className={styles.said}>{t("skew", { time: formatDuration(skew, locale) })}</div>}
    </>
  );
}

function Queues({ report }: { report: ServiceReport }) {
  const t = useText(text);
  const locale = useLocale();
  const full = waiting(report);
  const named = (name: string) =>
    name === "outbox" || name === "fold" || name === "steps" ? t(`queue_${name}`) : t("queue_messages", { name });
  if (full.length === 0) return <span className={styles.said}>{t("nothingWaits")}</span>;
  return (
    <ul className={styles.queues}>
      {full.map((queue) => (
        <li key={queue.name}>
          {t("queue", { name: named(queue.name), n: count(queue.count, locale) })}
          {queue.ageMs !== null && (
            <span className={styles.said}> · {t("oldest", { age: formatDuration(queue.ageMs, locale) })}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Storage({ report: { storage } }: { report: ServiceReport }) {
  const t = useText(text);
  const locale = useLocale();
  return (
    <>
      {storage.kind === "sqlite" ? "SQLite" : "PostgreSQL"} · {bytes(storage.bytes, locale)}
      {storage.revision && <div className={styles.said}>{t("revision", { revision: storage.revision })}</div>}
    </>
  );
}
