/** Two versions side by side, field by field. */
import { Table } from "../../kit";
import { useText } from "../../language";
import styles from "./Configs.module.css";
import { text } from "./messages";
import { type Difference, type Json, partsOf } from "./model/json";

/** `/metric/max_pct` → "metric › max_pct" */
export const placeName = (pointer: string): string => partsOf(pointer).join(" › ") || "{ }";

export function Differences({ label, differences }: { label: string; differences: readonly Difference[] }) {
  const t = useText(text);
  const columns = [
    { id: "field", title: t("field"), cell: (row: Difference) => <code className={styles.fieldName}>{placeName(row.path)}</code>, isRowHeader: true },
    { id: "before", title: t("before"), cell: (row: Difference) => <Value value={row.before} mark="before" /> },
    { id: "after", title: t("after"), cell: (row: Difference) => <Value value={row.after} mark="after" /> },
  ];
  return <Table label={label} columns={columns} rows={differences} rowKey={(row) => row.path} empty={<p className={styles.note}>{t("noChange")}</p>} />;
}

/** A JSON value in one line, marked as the old or the new one by more than colour. */
export function Value({ value, mark }: { value: Json | undefined; mark?: "before" | "after" }) {
  const t = useText(text);
  if (value === undefined) return <span className={styles.unset}>{t("unset")}</span>;
  const words = typeof value === "string" ? value : JSON.stringify(value);
  if (mark === "before") return <del className={styles.before}>{words}</del>;
  return mark === "after" ? <ins className={styles.after}>{words}</ins> : <code className={styles.value}>{words}</code>;
}
