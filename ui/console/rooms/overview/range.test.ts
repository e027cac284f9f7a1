import { expect, test } from "vitest";
import { ORDERED, windowOf } from "./range";

const NOW = new Date(2026, 10, 20, 12, 34, 56).getTime();

test("a window holds the present, is as long as it says, and begins where a bucket does", () => {
  for (const range of ORDERED) {
    const { since, until } = windowOf(range, NOW);
    expect(Date.parse(until)).toBeGreaterThan(NOW);
    expect(Date.parse(since)).toBeLessThan(NOW);
  }
  expect(windowOf("24h", NOW)).toEqual({
    since: new Date(2026, 10, 19, 13, 0).toISOString(),
    until: new Date(2026, 10, 20, 13, 0).toISOString(),
    step: "30m",
  });
});

test("a moment later it is the same window", () => {
  expect(windowOf("7d", NOW)).toEqual(windowOf("7d", NOW + 60_000));
});
