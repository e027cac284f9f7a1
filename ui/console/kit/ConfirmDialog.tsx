import { useState, type ReactNode } from "react";
import { useText } from "../language";
import { Button } from "./Button";
import styles from "./ConfirmDialog.module.css";
import { Dialog } from "./Dialog";
import { text } from "./messages";
import { TextField } from "./TextField";

export interface ConfirmDialogProps {
  isOpen: boolean;
  onClose: () => void;
  /** Names the act and its object: "Revoke the token ci-runner?" */
  title: string;
  /** What follows from it. */
  consequence: ReactNode;
  /** The verb, as on the button that led here. */
  confirmLabel: string;
  onConfirm: () => void;
  isPending?: boolean;
  error?: ReactNode;
  isDanger?: boolean;
  /** For the largest reach only: what has to be typed before. */
  typeToConfirm?: string;
}

/** Asks before what cannot be undone; the safe answer has the focus. */
export function ConfirmDialog({ typeToConfirm, isDanger = true, ...props }: ConfirmDialogProps) {
  const t = useText(text);
  const [typed, setTyped] = useState("");
  const close = () => {
    setTyped("");
    props.onClose();
  };
  const missing = typeToConfirm !== undefined && typed !== typeToConfirm;
  return (
    <Dialog
      isOpen={props.isOpen}
      onClose={close}
      title={props.title}
      size="small"
      role="alertdialog"
      footer={
        <>
          <Button onPress={close} autoFocus={typeToConfirm === undefined}>
            {t("cancel")}
          </Button>
          <Button
            variant={isDanger ? "danger" : "primary"}
            onPress={props.onConfirm}
            isPending={props.isPending ?? false}
            disabledReason={missing ? t("typeFirst") : null}
          >
            {props.confirmLabel}
          </Button>
        </>
      }
    >
      <div className={styles.body}>
        <div className={styles.consequence}>{props.consequence}</div>
        {typeToConfirm !== undefined && (
          <TextField label={t("typeToConfirm", { name: typeToConfirm })} value={typed} onChange={setTyped} autoFocus mono />
        )}
        {props.error}
      </div>
    </Dialog>
  );
}
