import { expect, test } from "vitest";
import { choiceOf, isNarrowed } from "./choice";

const NOON = Date.parse("2026-11-20T12:00:00Z");

test("the address says which messages, and what means nothing does not narrow", () => {
  const search = { status: "dead", channel: "email", q: "disk", period: "1h", theme: "odd" };
  expect(choiceOf(search, NOON)).toEqual({ status: "dead", channel: "email", q: "disk", since: "2026-11-20T11:00:00.000Z" });
  expect(choiceOf({ status: "odd", channel: "no such name!", period: "9y" }, NOON)).toEqual({});
});

test("the view alone is no filter", () => {
  expect([isNarrowed({ status: "dead" }), isNarrowed({ q: "x" })]).toEqual([false, true]);
});
