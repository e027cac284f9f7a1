/** One value that several rooms share, outside of any of them. */
import { useSyncExternalStore } from "react";

export interface Slot<Value> {
  put: (value: Value) => void;
  use: () => Value;
}

/** `const complaint = slot<string | null>(null); complaint.put("…"); const words = complaint.use();` */
export function slot<Value>(start: Value): Slot<Value> {
  const listeners = new Set<() => void>();
  let held = start;
  const listen = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    put: (value) => {
      held = value;
      for (const listener of listeners) listener();
    },
    use: () => useSyncExternalStore(listen, () => held),
  };
}
