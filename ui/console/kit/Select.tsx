import { Check, ChevronDown } from "lucide-react";
import { Button, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue, Text } from "react-aria-components";
import { FieldParts, type FieldProps } from "./Field";
import fieldStyles from "./Field.module.css";
import styles from "./Select.module.css";

export interface Option {
  value: string;
  label: string;
  description?: string;
  isDisabled?: boolean;
}

export interface SelectProps extends Omit<FieldProps, "isReadOnly"> {
  options: readonly Option[];
  value: string | null;
  onChange: (value: string) => void;
  placeholder?: string;
}

/** One of a few; typing a letter finds, arrows move. */
export function Select({ options, value, onChange, placeholder, ...rest }: SelectProps) {
  const { label, description, error, isRequired, isDisabled, name } = rest;
  return (
    <AriaSelect
      value={value}
      onChange={(chosen) => chosen !== null && onChange(String(chosen))}
      isInvalid={!!error}
      isRequired={!!isRequired}
      isDisabled={!!isDisabled}
      validationBehavior="aria"
      className={fieldStyles.field}
      {...(name ? { name } : {})}
      {...(placeholder ? { placeholder } : {})}
    >
      <FieldParts label={label} description={description} error={error} isRequired={isRequired}>
        <Button className={styles.trigger}>
          <SelectValue className={styles.value} />
          <ChevronDown aria-hidden size={16} />
        </Button>
      </FieldParts>
      <Popover className={styles.popover} offset={4}>
        <ListBox items={options} className={styles.list}>
          {(option) => <OptionItem option={option} />}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** A row of a list to choose from. */
export function OptionItem({ option }: { option: Option }) {
  return (
    <ListBoxItem
      id={option.value}
      textValue={option.label}
      isDisabled={option.isDisabled ?? false}
      className={styles.option}
    >
      {({ isSelected }) => (
        <>
          <span className={styles.check}>{isSelected && <Check aria-hidden size={14} />}</span>
          <span className={styles.words}>
            <Text slot="label">{option.label}</Text>
            {option.description && (
              <Text slot="description" className={styles.description}>
                {option.description}
              </Text>
            )}
          </span>
        </>
      )}
    </ListBoxItem>
  );
}
