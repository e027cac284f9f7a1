import { Radio, RadioGroup as AriaRadioGroup } from "react-aria-components";
import styles from "./Choice.module.css";
import { ChoiceWords } from "./ChoiceWords";
import { FieldParts, type FieldProps } from "./Field";
import type { Option } from "./Select";

export interface RadioGroupProps extends FieldProps {
  options: readonly Option[];
  value: string;
  onChange: (value: string) => void;
}

/** One of a few that are all worth seeing. */
export function RadioGroup({ options, label, description, error, isRequired, ...field }: RadioGroupProps) {
  return (
    <AriaRadioGroup
      {...field}
      isInvalid={!!error}
      isRequired={!!isRequired}
      validationBehavior="aria"
      className={styles.group}
    >
      <FieldParts label={label} description={description} error={error} isRequired={isRequired}>
        {options.map((option) => (
          <Radio
            key={option.value}
            value={option.value}
            isDisabled={option.isDisabled ?? false}
            className={styles.row}
          >
            <span className={[styles.mark, styles.round].join(" ")} aria-hidden>
              <span className={styles.dot} />
            </span>
            <ChoiceWords description={option.description}>{option.label}</ChoiceWords>
          </Radio>
        ))}
      </FieldParts>
    </AriaRadioGroup>
  );
}
