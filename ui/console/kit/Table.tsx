import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./Table.module.css";

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  align?: "start" | "end";
  /** As wide as its content. */
  isNarrow?: boolean;
  /** The one that names the row. */
  isRowHeader?: boolean;
  isSortable?: boolean;
  /** Its title is for screen readers only: a column of buttons. */
  isTitleHidden?: boolean;
}

export interface Sort {
  column: string;
  direction: "ascending" | "descending";
}

export interface TableProps<Row> {
  /** What the table holds; its name for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** Marks the row that is meant: it is brought into sight. */
  isSelected?: (row: Row) => boolean;
  /** Said while there are no rows. */
  empty?: ReactNode;
}

const MEANT = { "aria-current": "true", ref: (row: HTMLElement | null) => row?.scrollIntoView({ block: "nearest" }) } as const;

/** A real table with real links and buttons in its cells; under 640 px each row is a card with labelled facts. */
export function Table<Row>({ label, columns, rows, rowKey, isSelected, empty, ...sorting }: TableProps<Row>) {
  if (rows.length === 0 && empty) return <>{empty}</>;
  return (
    <div className={styles.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} {...sorting} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} {...(isSelected?.(row) ? MEANT : {})}>
              {columns.map((column) => (
                <BodyCell key={column.id} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classes<Row>(column: Column<Row>): string {
  return [column.align === "end" ? styles.end : "", column.isNarrow ? styles.narrow : ""].join(" ");
}

interface HeaderProps<Row> {
  column: Column<Row>;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
}

function HeaderCell<Row>({ column, sort, onSort }: HeaderProps<Row>) {
  const direction = sort?.column === column.id ? sort.direction : undefined;
  const title = column.isTitleHidden ? <span className={styles.hidden}>{column.title}</span> : column.title;
  if (!column.isSortable || !onSort) {
    return (
      <th scope="col" className={classes(column)}>
        {title}
      </th>
    );
  }
  const next = direction === "ascending" ? "descending" : "ascending";
  return (
    <th scope="col" className={classes(column)} aria-sort={direction ?? "none"}>
      <button type="button" className={styles.sort} onClick={() => onSort({ column: column.id, direction: next })}>
        {title}
        {direction === "ascending" && <ArrowUp aria-hidden size={12} />}
        {direction === "descending" && <ArrowDown aria-hidden size={12} />}
      </button>
    </th>
  );
}

function BodyCell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const shared = {
    className: classes(column),
    "data-title": column.isTitleHidden ? undefined : column.title,
  };
  const content = <div className={styles.cell}>{column.cell(row)}</div>;
  if (!column.isRowHeader) return <td {...shared}>{content}</td>;
  return (
    <th scope="row" {...shared}>
      {content}
    </th>
  );
}
