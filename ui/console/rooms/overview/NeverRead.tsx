import { useState } from "react";
import { Button, type Column, Link, Severity, Table, Time } from "../../kit";
import { useText } from "../../language";
import type { Overview } from "../operate/api";
import { Panel } from "../operate/Facts";
import { text } from "./messages";
import styles from "./overview.module.css";

type Unread = Overview["never_read"][number];

/** As many as stand beside the lists of the other column. */
const FEW = 8;

/** Notices that nobody has opened, the most severe first. */
export function NeverRead({ told }: { told: Overview }) {
  const t = useText(text);
  const [isWhole, setWhole] = useState(false);
  const columns: Column<Unread>[] = [
    { id: "notice", title: t("notice"), isRowHeader: true, cell: (row) => <Notice row={row} /> },
    { id: "people", title: t("people"), align: "end", isNarrow: true, cell: (row) => row.recipients },
    { id: "when", title: t("when"), isNarrow: true, cell: (row) => <Time value={row.created_at} isStatic /> },
  ];
  const rows = isWhole ? told.never_read : told.never_read.slice(0, FEW);
  const more = told.reading.never_read - rows.length;
  return (
    <Panel title={t("neverReadTitle")}>
      <Table
        label={t("neverReadTitle")}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        empty={<p className={styles.said}>{t("neverReadAll")}</p>}
      />
      {more > 0 && (
        <p className={styles.said}>
          {t("neverReadMore", { n: more })}{" "}
          {rows.length < told.never_read.length && (
            <Button size="small" variant="quiet" onPress={() => setWhole(true)}>
              {t("showMore")}
            </Button>
          )}
        </p>
      )}
    </Panel>
  );
}

function Notice({ row }: { row: Unread }) {
  return (
    <span className={styles.notice}>
      <Severity value={row.severity} iconOnly />
      <span>
        <Link href={`/n/${encodeURIComponent(row.id)}`}>{row.title || row.id}</Link>
        <div className={styles.alert}>{row.alert}</div>
      </span>
    </span>
  );
}
