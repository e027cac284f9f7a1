/** The periods of the overview, and the window that each one is now. */
import { parseDuration } from "@shared/time";
import type { Window } from "../operate/api";

export const RANGES = ["24h", "1h", "7d", "30d"] as const;
export type Range = (typeof RANGES)[number];
/** As people read them: growing. */
export const ORDERED: readonly Range[] = ["1h", "24h", "7d", "30d"];

const STEPS: Record<Range, string> = { "1h": "1m", "24h": "30m", "7d": "3h", "30d": "1d" };

/** Ends with the present; begins where a bucket would, so that bars do not slide under the eye each time. */
export function windowOf(range: Range, now: number): Window {
  const step = STEPS[range];
  const stepMs = parseDuration(step) as number;
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const until = midnight + Math.ceil((now - midnight + 1) / stepMs) * stepMs;
  const since = until - (parseDuration(range) as number);
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString(), step };
}
