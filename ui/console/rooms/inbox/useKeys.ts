/** The keys of the inbox, as they stand in the key sheet. They work by their place under any alphabet. */
import type { Act, Row } from "@client/inbox";
import { useText } from "../../language";
import { type Shortcut, useShortcuts } from "../../shell/keys";
import { text } from "./messages";

export interface KeysOptions {
  rows: readonly Row[];
  /** The row with the focus, or the one that would get it. */
  current: string | null;
  focus: (id: string | null) => void;
  read: (id: string) => void;
  back: () => void;
  /** Read the next notice, or the one before. */
  turn: (step: 1 | -1) => void;
  toggle: (id: string, range: boolean) => void;
  /** On what is selected, else on the current row. */
  act: (act: Act | "done") => void;
  undo: () => void;
  search: () => void;
}

export function useKeys({ rows, current, focus, read, back, turn, toggle, act, undo, search }: KeysOptions): void {
  const t = useText(text);
  const group = t("keys");
  const near = (id: string | null, step: 1 | -1): string | undefined => {
    const place = rows.findIndex((row) => row.entry.id === id);
    return rows[place < 0 ? 0 : place + step]?.entry.id;
  };
  const move = (step: 1 | -1) => {
    const isHere = document.activeElement?.closest("[data-notice-id]") !== null;
    const next = isHere ? near(current, step) : (current ?? rows[0]?.entry.id);
    if (next !== undefined) focus(next);
  };
  const here = (what: (id: string) => void) => () => {
    if (current !== null) what(current);
  };
  const keys: Shortcut[] = [
    { keys: "j", also: ["ArrowDown"], label: t("keyNext"), group, act: () => move(1) },
    { keys: "k", also: ["ArrowUp"], label: t("keyPrevious"), group, act: () => move(-1) },
    { keys: "Enter", also: ["o"], label: t("keyOpen"), group, act: here(read) },
    { keys: "Escape", also: ["u"], label: t("keyBack"), group, act: back },
    { keys: "]", label: t("keyNextOpen"), group, act: () => turn(1) },
    { keys: "[", label: t("keyPreviousOpen"), group, act: () => turn(-1) },
    { keys: "/", label: t("keySearch"), group, act: search },
    { keys: "x", label: t("keySelect"), group, act: here((id) => toggle(id, false)) },
    { keys: "Shift+X", label: t("keyRange"), group, act: here((id) => toggle(id, true)) },
    { keys: "e", label: t("keyDone"), group, act: () => act("done") },
    { keys: "Shift+I", label: t("read"), group, act: () => act("read") },
    { keys: "Shift+U", label: t("markUnread"), group, act: () => act("unread") },
    { keys: ".", label: t("keyMenu"), group, act: here(openMenu) },
    { keys: "z", label: t("keyUndo"), group, act: undo, isCommand: true },
  ];
  useShortcuts(keys);
}

function openMenu(id: string): void {
  document.querySelector<HTMLElement>(`[data-notice-id="${CSS.escape(id)}"] [data-row-menu] button`)?.click();
}
