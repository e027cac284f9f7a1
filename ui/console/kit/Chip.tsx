import { X } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./Chip.module.css";

export interface ChipProps {
  children: ReactNode;
  icon?: ReactNode;
  tone?: "neutral" | "accent" | "success" | "info" | "warning" | "error" | "critical";
}

/** A short word about a thing: a state, a label. */
export function Chip({ children, icon, tone = "neutral" }: ChipProps) {
  return (
    <span className={[styles.chip, styles[tone]].join(" ")}>
      {icon}
      {children}
    </span>
  );
}

export interface RemovableChipProps {
  children: ReactNode;
  /** Says what goes: "Remove the filter severity: critical". */
  removeLabel: string;
  onRemove: () => void;
}

/** A chip with a button that takes it away. */
export function RemovableChip({ children, removeLabel, onRemove }: RemovableChipProps) {
  return (
    <span className={[styles.chip, styles.accent].join(" ")}>
      {children}
      <button type="button" className={styles.remove} aria-label={removeLabel} onClick={onRemove}>
        <X aria-hidden size={12} />
      </button>
    </span>
  );
}
