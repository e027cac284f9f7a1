/** What a plot draws and says: one list of counts for each line, one count for each bucket. */
/** What a line is, and the class that colours it. */
export type LineId = "critical" | "error" | "warning" | "info" | "success" | `alert${number}` | "rest";

export interface Line {
  id: LineId;
  label: string;
  counts: readonly number[];
}

export interface Buckets {
  /** Milliseconds since the epoch: where each bucket begins. */
  starts: readonly number[];
  stepMs: number;
}

/** Each line on top of those before it: the heights at which bars end. */
export function stacked(lines: readonly Line[]): number[][] {
  const heights: number[][] = [];
  for (const line of lines) {
    const below = heights.at(-1);
    heights.push(line.counts.map((count, at) => count + (below?.[at] ?? 0)));
  }
  return heights;
}

export const totalAt = (lines: readonly Line[], at: number): number =>
  lines.reduce((sum, line) => sum + (line.counts[at] ?? 0), 0);

export interface Peak {
  total: number;
  /** The bucket that holds the most, the first of equals. */
  at: number;
  count: number;
}

/** null when there is nothing at all. */
export function peakOf(lines: readonly Line[], buckets: number): Peak | null {
  const totals = Array.from({ length: buckets }, (_, at) => totalAt(lines, at));
  const count = Math.max(0, ...totals);
  return count === 0 ? null : { total: totals.reduce((sum, one) => sum + one, 0), at: totals.indexOf(count), count };
}

/** Where an arrow key leads; null for a key that is none of ours. */
export function moved(at: number | null, key: string, buckets: number): number | null {
  const last = buckets - 1;
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key === "ArrowRight") return at === null ? 0 : Math.min(last, at + 1);
  if (key === "ArrowLeft") return at === null ? last : Math.max(0, at - 1);
  return null;
}
