import { expect, test } from "vitest";
import { skewOf, upFor, waiting } from "./facts";

const NOW = "2026-11-20T12:00:00Z";
const AT = Date.parse(NOW);

test("a clock is off when people would notice", () => {
  expect([skewOf({ now: NOW }, AT + 900), skewOf({ now: NOW }, AT - 60_000)]).toEqual([null, 60_000]);
});

test("only what waits is told, with the age of the first", () => {
  const queues = [
    { name: "outbox", waiting: 0, oldest_at: null },
    { name: "fold", waiting: 3, oldest_at: "2026-11-20T11:59:00Z" },
    { name: "steps", waiting: 1, oldest_at: null },
  ];
  expect(waiting({ now: NOW, queues })).toEqual([
    { name: "fold", count: 3, ageMs: 60_000 },
    { name: "steps", count: 1, ageMs: null },
  ]);
  expect(upFor({ now: NOW, started_at: "2026-11-20T11:00:00Z" })).toBe(3_600_000);
});
