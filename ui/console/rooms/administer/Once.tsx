import type { ReactNode } from "react";
import { Button, Code, Dialog } from "../../kit";
import styles from "./administer.module.css";

interface OnceProps {
  /** What is shown; null when there is nothing to show. */
  secret: string | null;
  title: string;
  label: string;
  /** That it is shown this once, and what it is for. */
  children: ReactNode;
  done: string;
  onClose: () => void;
}

/** A secret that the server forgets: a click beside the dialog must not lose it. */
export function Once({ secret, title, label, children, done, onClose }: OnceProps) {
  const footer = (
    <Button variant="primary" onPress={onClose}>
      {done}
    </Button>
  );
  return (
    <Dialog isOpen={secret !== null} onClose={onClose} title={title} isStubborn footer={footer}>
      <div className={styles.form}>
        <p>{children}</p>
        <Code label={label} wrap>
          {secret ?? ""}
        </Code>
      </div>
    </Dialog>
  );
}
