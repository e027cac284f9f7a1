import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./Warning.module.css";

export interface WarningProps {
  children: ReactNode;
  /** What to think of before going on stands in a box; a remark beside a field does not. */
  isBoxed?: boolean;
}

/** Something that may not be what was meant: a sign and a sentence. */
export function Warning({ children, isBoxed = false }: WarningProps) {
  return (
    <p className={isBoxed ? styles.boxed : styles.warning}>
      <TriangleAlert aria-hidden size={isBoxed ? 16 : 14} />
      <span>{children}</span>
    </p>
  );
}
