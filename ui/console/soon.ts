import { useEffect, useRef } from "react";

export const TOO_EARLY = Symbol("too early");

/**
 * A function that runs `act` once it has rested for so long: a burst of calls is one. Where it says that it is too early,
 * it runs after another rest. Nothing runs after the component.
 */
export function useSoon(act: () => unknown, restMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const soon = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (latest.current() === TOO_EARLY) soon();
    }, restMs);
  };
  return soon;
}
