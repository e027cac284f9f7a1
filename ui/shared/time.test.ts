import { describe, expect, it } from "vitest";
import { countdown, formatDuration, formatTime, parseDuration, relativeTime } from "./time";

const now = Date.UTC(2026, 10, 21, 12, 0, 0);
const ago = (seconds: number) => now - seconds * 1_000;
/** Narrow spaces differ between versions of the data that browsers carry. */
const plain = (text: string | null) => text?.replace(/\s/g, " ") ?? null;

describe("relativeTime", () => {
  it.each([
    [3, "now"],
    [35, "30 sec. ago"],
    [61, "1 min. ago"],
    [3_599, "59 min. ago"],
    [7_200, "2 hr. ago"],
    [86_399, "23 hr. ago"],
    [86_400, null],
    [-120, "in 2 min."],
  ])("%i seconds ago", (seconds, words) => {
    expect(plain(relativeTime(ago(seconds), now, "en"))).toBe(words);
  });

  it("speaks Russian", () => {
    expect(plain(relativeTime(ago(300), now, "ru"))).toBe("5 мин. назад");
  });
});

describe("formatTime", () => {
  it("follows the zone, over the change of summer time", () => {
    const before = Date.UTC(2026, 9, 25, 0, 30);
    const after = Date.UTC(2026, 9, 25, 1, 30);
    for (const at of [before, after]) expect(formatTime(at, "en", "Europe/Berlin", "time")).toMatch(/^02:30:00/);
    expect([before, after].map((at) => plain(formatTime(at, "en", "UTC", "time")))).toEqual(["12:30:00 AM", "01:30:00 AM"]);
  });

  it("names the year when it is another one", () => {
    expect(formatTime(Date.UTC(2025, 11, 24, 18), "en", "UTC", "short", now)).toContain("2025");
    expect(formatTime(ago(100_000), "en", "UTC", "short", now)).not.toContain("2026");
  });
});

describe("durations", () => {
  it.each([
    ["0", 0],
    ["90s", 90_000],
    ["15m", 900_000],
    ["1d", 86_400_000],
    ["15", null],
    ["1w", null],
  ])("%s", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each([
    [250, "250 ms"],
    [5_400_000, "1 hr 30 min"],
    [86_400_000, "1 day"],
  ])("%i ms", (ms, words) => expect(plain(formatDuration(ms, "en"))).toBe(words));

  it.each([
    [0, "00:00"],
    [299_001, "05:00"],
    [3_661_000, "1:01:01"],
    [-5, "00:00"],
  ])("counts down from %i", (ms, words) => expect(countdown(ms)).toBe(words));
});
