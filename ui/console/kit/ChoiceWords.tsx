import type { ReactNode } from "react";
import styles from "./Choice.module.css";

/** The words beside a mark. */
export function ChoiceWords({ children, description }: { children: ReactNode; description?: ReactNode }) {
  return (
    <span className={styles.words}>
      <span>{children}</span>
      {description && <span className={styles.description}>{description}</span>}
    </span>
  );
}
