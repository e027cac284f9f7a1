import { Undo2, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useText } from "../language";
import { Button } from "./Button";
import { IconButton } from "./IconButton";
import { text } from "./messages";
import styles from "./UndoBar.module.css";

/** How long an act can be taken back from the bar. */
export const UNDO_MS = 10_000;

export interface UndoBarProps {
  /** What was done: "3 notices archived". A new text starts the time anew; null hides the bar. */
  message: string | null;
  onUndo: () => void;
  onClose: () => void;
  isPending?: boolean;
}

/** What was just done, and the way back; waits while the pointer or the focus is on it. */
export function UndoBar({ message, onUndo, onClose, isPending = false }: UndoBarProps) {
  const t = useText(text);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (message === null || held) return;
    const timer = setTimeout(onClose, UNDO_MS);
    return () => clearTimeout(timer);
  }, [message, held, onClose]);
  return (
    <div className={styles.place} role="status">
      {message !== null && (
        <div
          className={styles.bar}
          onPointerEnter={() => setHeld(true)}
          onPointerLeave={() => setHeld(false)}
          onFocus={() => setHeld(true)}
          onBlur={() => setHeld(false)}
        >
          <span className={styles.words}>{message}</span>
          <Button
            size="small"
            icon={<Undo2 aria-hidden size={14} />}
            onPress={onUndo}
            isPending={isPending}
            shortcut="z"
          >
            {t("undo")}
          </Button>
          <IconButton label={t("close")} icon={<X aria-hidden size={14} />} onPress={onClose} />
        </div>
      )}
    </div>
  );
}
