/** What could not be done in the list, said where everybody sees it. */
import { useSyncExternalStore } from "react";

let complaint: string | null = null;
const listeners = new Set<() => void>();

export function complain(words: string | null): void {
  complaint = words;
  for (const listener of listeners) listener();
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useComplaint = (): string | null => useSyncExternalStore(listen, () => complaint);
