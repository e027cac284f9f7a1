import type { HTMLInputAutoCompleteAttribute, Ref } from "react";
import { Input, TextArea as AriaTextArea, TextField as AriaTextField } from "react-aria-components";
import { FieldParts, type FieldProps } from "./Field";
import styles from "./Field.module.css";

interface TextProps extends FieldProps {
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  placeholder?: string | undefined;
  maxLength?: number;
  autoFocus?: boolean;
  /** Ids, addresses, payloads: shown in the mono typeface, without a spelling check. */
  mono?: boolean;
}

export interface TextFieldProps extends TextProps {
  type?: "text" | "search" | "email" | "url" | "password" | "tel";
  autoComplete?: HTMLInputAutoCompleteAttribute;
  inputMode?: "text" | "numeric" | "email" | "url" | "search";
  ref?: Ref<HTMLInputElement>;
}

/** One line of text. */
export function TextField({ placeholder, type = "text", mono = false, ref, ...rest }: TextFieldProps) {
  const { label, description, error, isRequired, ...field } = rest;
  return (
    <AriaTextField {...field} {...asked({ error, isRequired, mono })} type={type} className={styles.field}>
      <FieldParts label={label} description={description} error={error} isRequired={isRequired}>
        <Input ref={ref} placeholder={placeholder} className={[styles.input, mono ? styles.mono : ""].join(" ")} />
      </FieldParts>
    </AriaTextField>
  );
}

export interface TextAreaProps extends TextProps {
  rows?: number;
  ref?: Ref<HTMLTextAreaElement>;
}

/** Several lines of text. */
export function TextArea({ placeholder, rows = 4, mono = false, ref, ...rest }: TextAreaProps) {
  const { label, description, error, isRequired, ...field } = rest;
  const names = [styles.input, styles.area, mono ? styles.mono : ""].join(" ");
  return (
    <AriaTextField {...field} {...asked({ error, isRequired, mono })} className={styles.field}>
      <FieldParts label={label} description={description} error={error} isRequired={isRequired}>
        <AriaTextArea ref={ref} rows={rows} placeholder={placeholder} className={names} />
      </FieldParts>
    </AriaTextField>
  );
}

/** The server is the judge: `aria` says what is wrong without keeping the form from being sent. */
function asked({ error, isRequired, mono }: { error?: string | null | undefined; isRequired?: boolean | undefined; mono: boolean }) {
  return {
    isInvalid: !!error,
    isRequired: !!isRequired,
    validationBehavior: "aria" as const,
    ...(mono ? { spellCheck: "false" as const } : {}),
  };
}
