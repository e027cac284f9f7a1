/** A plot with its sentence, and the same figures as a table. */
import { Suspense, useId, useMemo, useState } from "react";
import { Button, type Column, Skeleton, Table } from "../../kit";
import { useLocale, useText } from "../../language";
import { part } from "../../parts";
import { Panel } from "../operate/Facts";
import { count } from "../operate/numbers";
import { text } from "./messages";
import styles from "./overview.module.css";
import { type Buckets, type Line, peakOf, totalAt } from "./series";
import { useBucketName } from "./words";

const Plot = part(() => import("./Plot"));

export function Chart({ title, buckets, lines }: { title: string; buckets: Buckets; lines: readonly Line[] }) {
  const t = useText(text);
  const locale = useLocale();
  const sentence = useId();
  const [isTable, setTable] = useState(false);
  const bucketName = useBucketName(buckets);
  const peak = useMemo(() => peakOf(lines, buckets.starts.length), [lines, buckets]);
  const summary = peak
    ? t("summary", { n: peak.total, peak: count(peak.count, locale), when: bucketName(peak.at) })
    : t("summaryNone");
  const toggle = (
    <Button size="small" variant="quiet" onPress={() => setTable(!isTable)}>
      {isTable ? t("asPlot") : t("asTable")}
    </Button>
  );
  return (
    <Panel title={title} aside={toggle}>
      <p id={sentence} className={styles.said}>{summary}</p>
      {isTable ? (
        <Figures title={title} buckets={buckets} lines={lines} />
      ) : (
        <Suspense fallback={<Skeleton shape="block" lines={2} />}>
          <Plot label={title} describedBy={sentence} buckets={buckets} lines={lines} />
        </Suspense>
      )}
    </Panel>
  );
}

function Figures({ title, buckets, lines }: { title: string; buckets: Buckets; lines: readonly Line[] }) {
  const t = useText(text);
  const bucketName = useBucketName(buckets);
  const columns: Column<number>[] = [
    { id: "time", title: t("time"), isRowHeader: true, cell: bucketName },
    ...lines.map((line) => ({
      id: line.id,
      title: line.label,
      align: "end" as const,
      cell: (at: number) => line.counts[at] ?? 0,
    })),
    { id: "total", title: t("total"), align: "end", cell: (at) => totalAt(lines, at) },
  ];
  const rows = [...buckets.starts.keys()].filter((at) => totalAt(lines, at) > 0);
  return (
    <div className={styles.table}>
      <Table label={title} columns={columns} rows={rows} rowKey={String} empty={<p>{t("nothing")}</p>} />
    </div>
  );
}
