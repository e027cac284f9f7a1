/** One line of the history. */
import { nameOf } from "@client/entries";
import { memo } from "react";
import { Chip, Link, Severity, Time } from "../../kit";
import { useText } from "../../language";
import styles from "./HistoryRow.module.css";
import { text } from "./messages";
import type { Told } from "./source";

export const HistoryRow = memo(function HistoryRow({ item, index }: { item: Told; index: number }) {
  const t = useText(text);
  const isEvent = item.key === null && item.status === "firing";
  return (
    <div role="row" className={styles.row} aria-rowindex={index + 2} data-notice-id={item.id}>
      <span role="cell" className={styles.time}>
        <Time value={item.updated_at} isStatic />
      </span>
      <span role="cell" className={styles.severity}>
        <Severity value={item.severity} />
      </span>
      <span role="cell" className={styles.title}>
        <Link quiet href={`/n/${encodeURIComponent(item.id)}`}>
          {nameOf(item)}
        </Link>
      </span>
      <span role="cell" className={styles.alert}>
        {item.alert}
      </span>
      <span role="cell" className={styles.entity}>
        {item.entity?.key ?? ""}
      </span>
      <span role="cell" className={styles.state}>
        {item.status === "resolved" ? <Chip tone="success">{t("resolved")}</Chip> : isEvent ? t("event") : <Chip tone="warning">{t("firing")}</Chip>}
        {item.count > 1 && <span className={styles.count}>×{item.count}</span>}
      </span>
    </div>
  );
});
