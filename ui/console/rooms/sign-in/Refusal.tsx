import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./SignIn.module.css";

/** Why it did not work, said aloud too. */
export function Refusal({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className={styles.said}>
      {children && (
        <p className={styles.refusal}>
          <CircleAlert size={16} aria-hidden />
          <span>{children}</span>
        </p>
      )}
    </div>
  );
}
