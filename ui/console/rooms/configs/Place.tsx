/** The place of a field, to which a summary of errors can lead: focus that comes here goes on to the control inside. */
import type { FocusEvent, ReactNode } from "react";
import { anchorOf } from "./form";
import styles from "./Configs.module.css";
import { type Path, pointerOf } from "./model/json";

export function Place({ path, children }: { path: Path; children: ReactNode }) {
  return (
    <div id={anchorOf(pointerOf(path))} tabIndex={-1} className={styles.place} onFocus={onward}>
      {children}
    </div>
  );
}

function onward(event: FocusEvent<HTMLDivElement>): void {
  if (event.target !== event.currentTarget) return;
  event.currentTarget.querySelector<HTMLElement>("input:not([type=hidden]), textarea, button, select")?.focus();
}
