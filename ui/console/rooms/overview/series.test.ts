import { expect, test } from "vitest";
import { type Line, moved, peakOf, stacked, totalAt } from "./series";

const line = (id: Line["id"], ...counts: number[]) => ({ id, label: id, counts });

test("lines stand on those before them", () => {
  expect(stacked([line("alert0", 1, 0, 2), line("alert1", 0, 3, 1)])).toEqual([[1, 0, 2], [1, 3, 3]]);
  expect(totalAt([line("alert0", 1), line("alert1", 2)], 0)).toBe(3);
});

test("the peak is the first of the highest buckets, and nothing has none", () => {
  expect(peakOf([line("alert0", 1, 2), line("alert1", 2, 1)], 2)).toEqual({ total: 6, at: 0, count: 3 });
  expect(peakOf([line("alert0", 0, 0)], 2)).toBeNull();
  expect(peakOf([], 3)).toBeNull();
});

test("arrow keys walk from bucket to bucket and stop at the ends", () => {
  expect([moved(null, "ArrowRight", 3), moved(null, "ArrowLeft", 3), moved(1, "ArrowRight", 3)]).toEqual([0, 2, 2]);
  expect([moved(2, "ArrowRight", 3), moved(0, "ArrowLeft", 3), moved(1, "Home", 3), moved(1, "End", 3)]).toEqual([2, 0, 0, 2]);
  expect(moved(1, "a", 3)).toBeNull();
});
