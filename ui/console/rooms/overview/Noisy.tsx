import { type Column, Link, Table } from "../../kit";
import { useLocale, useText } from "../../language";
import type { AlertSeries } from "../operate/api";
import { Panel } from "../operate/Facts";
import { count, share } from "../operate/numbers";
import { text } from "./messages";
import styles from "./overview.module.css";

/** Who says the most, and how much of it anybody reads. */
export function Noisy({ series }: { series: readonly AlertSeries[] }) {
  const t = useText(text);
  const locale = useLocale();
  const columns: Column<AlertSeries>[] = [
    {
      id: "alert",
      title: t("alert"),
      isRowHeader: true,
      cell: (row) =>
        row.alert === null ? t("others") : <Link href={`/history?alert=${encodeURIComponent(row.alert)}`}>{row.alert}</Link>,
    },
    { id: "notices", title: t("notices"), align: "end", isNarrow: true, cell: (row) => count(row.notices, locale) },
    { id: "read", title: t("read"), align: "end", isNarrow: true, cell: (row) => share(row.read_rate, locale) },
  ];
  return (
    <Panel title={t("noisy")}>
      <Table
        label={t("noisy")}
        columns={columns}
        rows={series}
        rowKey={(row) => row.alert ?? ""}
        empty={<p className={styles.said}>{t("nothing")}</p>}
      />
    </Panel>
  );
}
