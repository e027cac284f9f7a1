import { useText } from "../language";
import { text } from "./messages";
import styles from "./Skeleton.module.css";

export interface SkeletonProps {
  /** How many lines are to come. */
  lines?: number;
  shape?: "text" | "rows" | "block";
}

/** The shape of what is still loading; it shows only when that takes longer than a blink. */
export function Skeleton({ lines = 3, shape = "text" }: SkeletonProps) {
  const t = useText(text);
  return (
    <div className={styles.skeleton} role="status">
      <span className={styles.said}>{t("loading")}</span>
      {Array.from({ length: lines }, (_, at) => (
        <span key={at} className={styles[shape]} aria-hidden />
      ))}
    </div>
  );
}
