/** Whether a media query holds now: for what is another thing on a phone, not only another look. */
import { useCallback, useSyncExternalStore } from "react";

/** Under this width there is one pane, and the rooms stand in a bar at the bottom. */
export const PHONE = "(width < 640px)";

export function useMedia(query: string): boolean {
  const listen = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(listen, () => matchMedia(query).matches);
}
