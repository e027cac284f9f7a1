import type { ReactNode } from "react";
import { Switch as AriaSwitch } from "react-aria-components";
import styles from "./Choice.module.css";
import { ChoiceWords } from "./ChoiceWords";

export interface SwitchProps {
  /** Words beside it; a bare switch of a table row gives `aria-label` instead. */
  children?: ReactNode;
  value: boolean;
  onChange: (value: boolean) => void;
  description?: ReactNode;
  isDisabled?: boolean;
  "aria-label"?: string;
}

/** On or off, in force at once. */
export function Switch({ children, value, onChange, description, ...rest }: SwitchProps) {
  return (
    <AriaSwitch {...rest} isSelected={value} onChange={onChange} className={styles.row}>
      <span className={styles.track} aria-hidden>
        <span className={styles.thumb} />
      </span>
      {children && <ChoiceWords description={description}>{children}</ChoiceWords>}
    </AriaSwitch>
  );
}
