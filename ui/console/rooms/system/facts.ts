/** What a service's report means here. */
import type { ServiceReport } from "../operate/api";

export const SERVICES = ["notifier", "configurator", "notice_center", "msg_sender"] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Clocks this close are the same to people; an answer is on the way for a moment too. */
const SKEW_MS = 5_000;

/** How far a service's clock is off from ours, when that is worth a word. */
export function skewOf(report: Pick<ServiceReport, "now">, heardAt: number): number | null {
  const away = Math.abs(Date.parse(report.now) - heardAt);
  return away > SKEW_MS ? away : null;
}

export const upFor = (report: Pick<ServiceReport, "now" | "started_at">): number =>
  Date.parse(report.now) - Date.parse(report.started_at);

/** The queues that hold something, with the age of their first, as of the report. */
export function waiting(report: Pick<ServiceReport, "now" | "queues">): { name: string; count: number; ageMs: number | null }[] {
  return report.queues
    .filter((queue) => queue.waiting > 0)
    .map(({ name, waiting: count, oldest_at }) => ({
      name,
      count,
      ageMs: oldest_at ? Math.max(0, Date.parse(report.now) - Date.parse(oldest_at)) : null,
    }));
}
