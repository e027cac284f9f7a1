/** What was deleted last, wherever it was: the list offers the way back. */
import { useSyncExternalStore } from "react";

export interface Deleted {
  id: string;
  /** The revision to go back to. */
  revision: number;
}

let deleted: Deleted | null = null;
const listeners = new Set<() => void>();

export function offerUndo(next: Deleted | null): void {
  deleted = next;
  for (const listener of listeners) listener();
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useDeleted = (): Deleted | null => useSyncExternalStore(listen, () => deleted);
