import { type FormEvent, useId } from "react";
import { useText } from "../language";
import { Button } from "./Button";
import { Dialog, type DialogProps } from "./Dialog";
import styles from "./Dialog.module.css";
import { text } from "./messages";

export interface FormDialogProps extends Pick<DialogProps, "title" | "size" | "onClose" | "children"> {
  /** The verb of what the form does. */
  submitLabel: string;
  /** Called also for Enter in a field; never while it is pending. */
  onSubmit: () => void;
  isPending?: boolean;
  /** What leaves it: “Cancel”, unless there is nothing to cancel any more. */
  closeLabel?: string | undefined;
  /** What was typed is short, and a click beside the dialog may lose it. */
  isLight?: boolean;
}

/** A form that is asked over the page, with its two buttons; what was typed stays until it was taken. */
export function FormDialog({ submitLabel, onSubmit, isPending = false, closeLabel, isLight = false, children, ...dialog }: FormDialogProps) {
  const t = useText(text);
  const form = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isPending) onSubmit();
  };
  const footer = (
    <>
      <Button onPress={dialog.onClose}>{closeLabel ?? t("cancel")}</Button>
      <Button type="submit" form={form} variant="primary" isPending={isPending}>
        {submitLabel}
      </Button>
    </>
  );
  return (
    <Dialog {...dialog} isOpen isStubborn={!isLight} footer={footer}>
      <form id={form} className={styles.form} onSubmit={submit} noValidate>
        {children}
      </form>
    </Dialog>
  );
}
