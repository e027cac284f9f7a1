import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useText } from "../language";
import styles from "./Dialog.module.css";
import { IconButton } from "./IconButton";
import { text } from "./messages";

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** Buttons, the one that goes on last. */
  footer?: ReactNode;
  size?: "small" | "medium" | "large";
  role?: "dialog" | "alertdialog";
  /** A click beside it closes nothing: there is something to lose. */
  isStubborn?: boolean;
}

/** A modal dialog: focus stays inside, Esc closes, and focus returns to where it was. A full sheet on a phone. */
export function Dialog({ isOpen, onClose, title, children, footer, size = "medium", role, isStubborn }: DialogProps) {
  const t = useText(text);
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isStubborn}
      className={styles.veil}
    >
      <Modal className={[styles.modal, styles[size]].join(" ")}>
        <AriaDialog className={styles.dialog} {...(role ? { role } : {})}>
          <header className={styles.header}>
            <Heading slot="title" className={styles.title}>
              {title}
            </Heading>
            <IconButton label={t("close")} icon={<X aria-hidden size={16} />} onPress={onClose} />
          </header>
          <div className={styles.body}>{children}</div>
          {footer && <footer className={styles.footer}>{footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
