import { formatDuration, parseDuration } from "@shared/time";
import { useLocale } from "../language";
import styles from "./Time.module.css";

export interface DurationProps {
  /** Milliseconds, or as the API writes it: "15m". */
  value: number | string;
}

/** How long something takes, in the two largest units. */
export function Duration({ value }: DurationProps) {
  const locale = useLocale();
  const ms = typeof value === "number" ? value : parseDuration(value);
  return <span className={styles.time}>{ms === null ? value : formatDuration(ms, locale)}</span>;
}
