/** One clock for all times on the page: every 10 s while something is younger than a minute, else every minute. */
import { useSyncExternalStore } from "react";

const FAST_MS = 10_000;
const SLOW_MS = 60_000;

let now = Date.now();
let timer: ReturnType<typeof setTimeout> | undefined;
/** Who listens, and which moment they show. */
const listeners = new Map<() => void, number>();

function tick(): void {
  clearTimeout(timer);
  timer = undefined;
  now = Date.now();
  for (const listener of [...listeners.keys()]) listener();
  plan();
}

/** Nothing runs while nobody looks. */
function plan(): void {
  if (document.hidden || listeners.size === 0 || timer !== undefined) return;
  timer = setTimeout(tick, wait());
}

function wait(): number {
  for (const at of listeners.values()) if (Math.abs(now - at) < SLOW_MS) return FAST_MS;
  return SLOW_MS;
}

function restart(): void {
  clearTimeout(timer);
  timer = undefined;
  plan();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) restart();
  else tick();
});

/** The present, as far as it matters for showing how long ago `at` was. */
export function useNow(at: number): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.set(listener, at);
      if (Math.abs(Date.now() - at) < SLOW_MS) {
        now = Math.max(now, at, Date.now() - FAST_MS);
        restart();
      } else {
        plan();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) restart();
      };
    },
    () => now,
  );
}
