import { expect, test } from "vitest";
import { healthOf, usersOf } from "./health";

const recent = (success_rate: number | null) => ({ since: "", sent: 0, failed: 0, success_rate });

test("a channel works, fails, rests or is not set up", () => {
  const rates = [1, 0.95, 0.5, 0, null];
  expect(rates.map((rate) => healthOf({ configured: true, recent: recent(rate) }))).toEqual([
    "working", "working", "failing", "failing", "idle",
  ]);
  expect(healthOf({ configured: false, recent: recent(1) })).toBe("off");
});

test("a config uses the channels that it names", () => {
  const disk = { channel: { panel: {}, email: {} } };
  const load = { channel: { telegram: {} } };
  expect(usersOf("email", [disk, load])).toEqual([disk]);
});
