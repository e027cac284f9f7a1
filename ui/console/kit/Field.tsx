import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { FieldError, Label, Text } from "react-aria-components";
import styles from "./Field.module.css";

/** What every field has, with the same names everywhere. */
export interface FieldProps {
  label: string;
  description?: ReactNode;
  /** A sentence under the field; the field counts as invalid while it is there. */
  error?: string | null | undefined;
  isDisabled?: boolean | undefined;
  isRequired?: boolean | undefined;
  isReadOnly?: boolean | undefined;
  name?: string | undefined;
}

/** The label, the field, what explains it, and what is wrong with it. */
export function FieldParts({ label, description, error, isRequired, children }: FieldProps & { children: ReactNode }) {
  return (
    <>
      <Label className={styles.label}>
        {label}
        {isRequired && (
          <span className={styles.required} aria-hidden>
            *
          </span>
        )}
      </Label>
      {children}
      {description && (
        <Text slot="description" className={styles.description}>
          {description}
        </Text>
      )}
      <FieldProblem error={error} />
    </>
  );
}

/** The same outside of a field that knows it by itself. */
export function FieldProblemText({ error }: { error: string | null | undefined }) {
  if (!error) return null;
  return (
    <span className={styles.error}>
      <CircleAlert aria-hidden size={14} />
      <span>{error}</span>
    </span>
  );
}

/** The error of the field around it. */
function FieldProblem({ error }: { error: string | null | undefined }) {
  if (!error) return null;
  return (
    <FieldError className={styles.error}>
      <CircleAlert aria-hidden size={14} />
      <span>{error}</span>
    </FieldError>
  );
}
