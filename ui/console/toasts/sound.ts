/**
 * Which notices are heard. Silent until the person switches sounds on. One in three seconds at most, and in one tab only.
 * A browser plays nothing before it was touched; `blocked` says that it held a sound back for that reason.
 */
import { GRAVE, justPlayed, type Note, playTune } from "@shared/tune";
import { useSyncExternalStore } from "react";
import { choices } from "../choices";

const INFO: readonly Note[] = [[587, 0, 0.22]];
const TUNES: Record<string, readonly Note[]> = {
  ...GRAVE,
  warning: [[622, 0, 0.16], [622, 0.22, 0.2]],
  success: [[523, 0, 0.12], [784, 0.13, 0.24]],
}; // prettier-ignore

let blocked = false;
const listeners = new Set<() => void>();

/** The sound of a new notice, if it is to be heard. */
export function soundFor(severity: string): void {
  const { sound, soundFor: heard, volume } = choices();
  if (sound && heard.includes(severity) && !justPlayed()) sample(severity, volume);
}

/** Plays at once, as an answer to a click: that also lets the browser play later ones. */
export function sample(severity: string, volume: number): void {
  setBlocked(!playTune(TUNES[severity] ?? INFO, volume));
}

/** After a click, which is all that the browser waited for. */
export function unblock(): void {
  setBlocked(false);
}

function setBlocked(next: boolean): void {
  if (blocked === next) return;
  blocked = next;
  for (const listener of listeners) listener();
}

/** Whether the browser held a sound back until it is touched. */
export function useBlockedSound(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => blocked,
  );
}
