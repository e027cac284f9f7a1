/** What uPlot is told to draw. */
import type { AlignedData, Axis, Options, Series } from "uplot";
import uPlot from "uplot";
import { type Buckets, type Line, stacked } from "./series";

const HEIGHT = 220;
const TWO_DAYS_MS = 2 * 86_400_000;

interface Asked {
  buckets: Buckets;
  lines: readonly Line[];
  /** One for each line. */
  colours: readonly string[];
  /** Whose text and hairlines the axes take. */
  page: Element;
  format: (at: number, shape: "day" | "time") => string;
  onPoint: (at: number | null) => void;
}

/** Bars stand over the middle of their bucket, so that the bucket under the pointer is the nearest one. */
export function drawing(asked: Asked): { options: Options; data: AlignedData } {
  const { buckets, lines, colours } = asked;
  const { starts, stepMs } = buckets;
  const first = starts[0] ?? 0;
  const until = (starts.at(-1) ?? 0) + stepMs;
  const heights = stacked(lines);
  const bars = uPlot.paths.bars?.({ size: [0.82, 48] });
  const own = lines.map((line, at): Series => ({
    label: line.label,
    fill: colours[at] ?? "gray",
    width: 0,
    points: { show: false },
    ...(bars ? { paths: bars } : {}),
  }));
  // the tallest first: each shorter one is drawn over it
  return {
    data: [starts.map((at) => (at + stepMs / 2) / 1000), ...heights.toReversed()],
    options: {
      width: 0,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { range: [first / 1000, until / 1000] }, y: { range: (_, __, most) => [0, Math.max(4, most * 1.05)] } },
      series: [{}, ...own.toReversed()],
      axes: axes(asked, until - first > TWO_DAYS_MS ? "day" : "time"),
      hooks: { setCursor: [(plot) => asked.onPoint(plot.cursor.idx ?? null)] },
    },
  };
}

function axes({ page, format }: Asked, shape: "day" | "time"): Axis[] {
  const { color, borderTopColor: line, fontFamily } = getComputedStyle(page);
  const look = { stroke: color, font: `12px ${fontFamily}`, ticks: { show: false } };
  return [
    { ...look, size: 28, grid: { show: false }, space: 64, values: (_, at) => at.map((one) => format(one * 1000, shape)) },
    {
      ...look,
      size: 40,
      grid: { stroke: line, width: 1 },
      incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000, 1_000_000],
      values: (_, at) => at.map(String),
    },
  ];
}
