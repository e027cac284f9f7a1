import type { ReactNode } from "react";
import styles from "./operate.module.css";

/** Two columns; one under the other where there is no room. `wide` is which of them gets more. */
export function Columns({ wide = "neither", children }: { wide?: "first" | "neither"; children: ReactNode }) {
  return (
    <div className={styles.columns} data-wide={wide}>
      {children}
    </div>
  );
}

/** What stands one under the other in one of them. */
export function Column({ children }: { children: ReactNode }) {
  return <div className={styles.column}>{children}</div>;
}
