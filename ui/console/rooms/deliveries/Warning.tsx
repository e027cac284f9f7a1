import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./deliveries.module.css";

/** What to think of before something is sent again. */
export function Warning({ children }: { children: ReactNode }) {
  return (
    <p className={styles.warning}>
      <TriangleAlert aria-hidden size={16} />
      <span>{children}</span>
    </p>
  );
}
