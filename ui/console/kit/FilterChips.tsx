import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import styles from "./Chip.module.css";

export interface FilterOption {
  value: string;
  label: string;
  icon?: ReactNode;
  count?: number | undefined;
  isDisabled?: boolean;
}

export interface FilterChipsProps {
  /** What is filtered by: the name of the group. */
  label: string;
  options: readonly FilterOption[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  /** At most one at a time. */
  single?: boolean;
}

/** Filters to switch on and off; arrows move between them, the row scrolls on a phone. */
export function FilterChips({ label, options, value, onChange, single = false }: FilterChipsProps) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      selectionMode={single ? "single" : "multiple"}
      selectedKeys={value}
      onSelectionChange={(keys) => onChange([...keys].map(String))}
      className={styles.filters}
    >
      {options.map((option) => (
        <ToggleButton
          key={option.value}
          id={option.value}
          isDisabled={option.isDisabled ?? false}
          className={styles.toggle}
        >
          {({ isSelected }) => (
            <>
              {isSelected ? <Check aria-hidden size={14} /> : option.icon}
              {option.label}
              {option.count !== undefined && <span className={styles.count}>{option.count}</span>}
            </>
          )}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
