import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox } from "react-aria-components";
import styles from "./Choice.module.css";
import { ChoiceWords } from "./ChoiceWords";
import { FieldProblemText } from "./Field";

export interface CheckboxProps {
  /** Words beside it; a bare checkbox of a row gives `aria-label` instead. */
  children?: ReactNode;
  value: boolean;
  onChange: (value: boolean) => void;
  description?: ReactNode;
  error?: string | null | undefined;
  isDisabled?: boolean;
  isIndeterminate?: boolean;
  "aria-label"?: string;
}

/** Yes or no, as a part of a form or of a selection. */
export function Checkbox({ children, value, onChange, description, error, ...rest }: CheckboxProps) {
  return (
    <div className={styles.choice}>
      <AriaCheckbox
        {...rest}
        isSelected={value}
        onChange={onChange}
        isInvalid={!!error}
        validationBehavior="aria"
        className={styles.row}
      >
        {({ isIndeterminate }) => (
          <>
            <span className={styles.mark} aria-hidden>
              {isIndeterminate ? <Minus size={12} strokeWidth={3} /> : <Check size={12} strokeWidth={3} />}
            </span>
            {children && <ChoiceWords description={description}>{children}</ChoiceWords>}
          </>
        )}
      </AriaCheckbox>
      <FieldProblemText error={error} />
    </div>
  );
}
