/** One key for each verb, while the focus is on a notice. Where letters are not Latin, the place of the key counts. */
import type { Act } from "@client/entries";

/** What one can do with a notice. */
export type Verb = Act | "acknowledge";
export type Command = Verb | "next" | "previous" | "open" | "undo";

const KEYS: Record<string, Command> = {
  j: "next", ArrowDown: "next", PageDown: "next", k: "previous", ArrowUp: "previous", PageUp: "previous",
  o: "open", Enter: "open", e: "archive", a: "acknowledge", I: "read", U: "unread", z: "undo",
}; // prettier-ignore

export function commandOf(event: KeyboardEvent): Command | undefined {
  const target = event.composedPath()[0] as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea")) return undefined;
  if (event.key === "Enter" && !target.matches("article")) return undefined; // the button that has the focus
  return KEYS[latin(event)];
}

function latin({ key, code, shiftKey }: KeyboardEvent): string {
  if (key.length > 1 || /^[\x20-\x7e]$/.test(key)) return key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1] ?? key;
  return shiftKey ? letter : letter.toLowerCase();
}
