import type { ReactNode } from "react";
import { useText } from "../language";
import { text } from "./messages";
import styles from "./Severity.module.css";

export const SEVERITIES = ["critical", "error", "warning", "success", "info", "debug"] as const;
export type SeverityName = (typeof SEVERITIES)[number];

/** Known in greyscale: every severity has a shape of its own. */
const SHAPES: Record<SeverityName, ReactNode> = {
  critical: (
    <>
      <path className={styles.solid} d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
      <path className={styles.mark} d="M8 4v5M8 11.2v.6" />
    </>
  ),
  error: (
    <>
      <path className={styles.solid} d="M8 .8 15.2 8 8 15.2.8 8z" />
      <path className={styles.mark} d="m5.8 5.8 4.4 4.4M10.2 5.8l-4.4 4.4" />
    </>
  ),
  warning: <path className={styles.outline} d="M8 2 14.8 14H1.2zM8 6v4M8 11.8v.4" />,
  info: <path className={styles.outline} d="M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M8 7.2v4M8 4.6v.4" />,
  debug: <path className={styles.outline} d="M2.5 2.5h11v11h-11z" />,
  success: <path className={styles.outline} d="M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M5 8.2l2 2 4-4.4" />,
};

export interface SeverityProps {
  value: string;
  /** The word stays for screen readers. */
  iconOnly?: boolean;
  size?: number;
}

/** Shape, word and colour of a severity. An unknown word is shown as it is. */
export function Severity({ value, iconOnly = false, size = 16 }: SeverityProps) {
  const word = useSeverityWord();
  const name = severityName(value);
  return (
    <span className={styles.severity} data-severity={name}>
      <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden className={styles.glyph}>
        {SHAPES[name]}
      </svg>
      <span className={iconOnly ? styles.hidden : undefined}>{word(value)}</span>
    </span>
  );
}

/** The severity that a word stands for; what is unknown looks like information. */
export function severityName(value: string): SeverityName {
  return SEVERITIES.find((name) => name === value) ?? "info";
}

/** Answers the word of a severity in the language of the panel. */
export function useSeverityWord(): (value: string) => string {
  const t = useText(text);
  return (value) => (severityName(value) === value ? t(`severity_${severityName(value)}`) : value);
}
