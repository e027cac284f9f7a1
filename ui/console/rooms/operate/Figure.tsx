import type { ReactNode } from "react";
import styles from "./operate.module.css";

export interface FigureProps {
  label: string;
  value: ReactNode;
  /** What it is made of, or what to make of it. */
  note?: ReactNode;
  tone?: "bad" | "good";
}

/** Figures that are read together; each is a term and its value. */
export function Figures({ label, children }: { label: string; children: ReactNode }) {
  return (
    <dl className={styles.figures} aria-label={label}>
      {children}
    </dl>
  );
}

export function Figure({ label, value, note, tone }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt>{label}</dt>
      <dd className={[styles.value, tone ? styles[tone] : ""].join(" ")}>{value}</dd>
      {note && <dd className={styles.note}>{note}</dd>}
    </div>
  );
}
