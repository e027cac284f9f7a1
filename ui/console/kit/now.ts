/** One clock for all times on the page: every 10 s while something is younger than a minute, else every minute. */
import { useCallback, useSyncExternalStore } from "react";

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
  for (const at of listeners.values()) if (isYoung(at)) now = Math.max(now, at); // the server's clock may be ahead
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

const isYoung = (at: number): boolean => Math.abs(Date.now() - at) < SLOW_MS;

function restart(): void {
  clearTimeout(timer);
  timer = undefined;
  plan();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) restart();
  else tick();
});

function listen(listener: () => void, at: number): () => void {
  listeners.set(listener, at);
  if (!isYoung(at)) plan();
  else if (now < Date.now() - FAST_MS) tick();
  else restart();
  if (isYoung(at)) now = Math.max(now, at);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) restart();
  };
}

/** The present, as far as it matters for showing how long ago `at` was. */
export function useNow(at: number): number {
  // The same function for the same moment: one that is new with each drawing listens anew, and may move the clock, which
  // is a reason to draw, and so on until React gives the page up.
  const subscribe = useCallback((listener: () => void) => listen(listener, at), [at]);
  return useSyncExternalStore(subscribe, () => now);
}
