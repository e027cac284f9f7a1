/** Who was deleted last: the list offers the way back. */
import { useSyncExternalStore } from "react";

export interface Removed {
  id: string;
  name: string;
  /** The revision to go back to. */
  revision: number;
}

let removed: Removed | null = null;
const listeners = new Set<() => void>();

export function offerReturn(next: Removed | null): void {
  removed = next;
  for (const listener of listeners) listener();
}

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useRemoved = (): Removed | null => useSyncExternalStore(listen, () => removed);
