import { ChevronDown } from "lucide-react";
import { Button, ComboBox as AriaComboBox, Group, Input, ListBox, Popover } from "react-aria-components";
import { useText } from "../language";
import { FieldParts, type FieldProps } from "./Field";
import fieldStyles from "./Field.module.css";
import { text } from "./messages";
import { OptionItem, type Option } from "./Select";
import styles from "./Select.module.css";

export interface ComboBoxProps extends FieldProps {
  options: readonly Option[];
  /** What is written in the field. */
  value: string;
  onChange: (value: string) => void;
  /** Called when one of the options is chosen. */
  onSelect?: (option: Option) => void;
  placeholder?: string;
}

/** Free text with proposals that narrow while typing. */
export function ComboBox({ options, value, onChange, onSelect, placeholder, ...rest }: ComboBoxProps) {
  const t = useText(text);
  const { label, description, error, isRequired, ...field } = rest;
  const choose = (key: unknown) => {
    const chosen = options.find((option) => option.value === key);
    if (chosen) onSelect?.(chosen);
  };
  return (
    <AriaComboBox
      {...field}
      isInvalid={!!error}
      isRequired={!!isRequired}
      validationBehavior="aria"
      defaultItems={options}
      inputValue={value}
      onInputChange={onChange}
      onChange={choose}
      allowsCustomValue
      menuTrigger="focus"
      className={fieldStyles.field}
    >
      <FieldParts label={label} description={description} error={error} isRequired={isRequired}>
        <Group className={fieldStyles.group}>
          <Input className={fieldStyles.input} placeholder={placeholder} />
          <Button>
            <ChevronDown aria-hidden size={16} />
          </Button>
        </Group>
      </FieldParts>
      <Popover className={styles.popover} offset={4}>
        <ListBox<Option>
          className={styles.list}
          renderEmptyState={() => <div className={styles.empty}>{t("noMatches")}</div>}
        >
          {(option) => <OptionItem option={option} />}
        </ListBox>
      </Popover>
    </AriaComboBox>
  );
}
