/** Notices in groups, each with a heading: by day, or by what they are about. */
import type { Row } from "@client/inbox";
import { groupBy } from "@shared/group";
import type { TimeShape } from "@shared/time";
import type { Locale } from "./text";

export type GroupBy = "day" | "topic" | "none";

const DAY_MS = 86_400_000;

/** Heading → rows, in the order of the rows; without groups one that has no heading. */
export function grouped(rows: readonly Row[], by: GroupBy, locale: Locale, when: (at: number, shape: TimeShape) => string): Map<string, Row[]> {
  const day = (at: number) => when(at, "day");
  const near = new Map<string, string>();
  if (by === "day") {
    const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    for (const ago of [1, 0]) near.set(day(Date.now() - ago * DAY_MS), words.format(-ago, "day"));
  }
  return groupBy(rows, ({ entry }) => {
    if (by === "none") return "";
    if (by === "topic") return entry.entity?.topic ?? entry.alert;
    const name = day(Date.parse(entry.updated_at));
    return near.get(name) ?? name;
  });
}
