import { expect, test } from "vitest";
import { isCalm } from "./calm";

test("a list is calm while nobody is in it", () => {
  const place = document.createElement("div");
  const link = document.createElement("a");
  link.href = "/";
  place.append(link);
  document.body.append(place);
  expect(isCalm(place)).toBe(true);
  link.focus();
  expect(isCalm(place)).toBe(false);
});

test("a list that is scrolled through is left alone", () => {
  const place = document.createElement("div");
  place.getBoundingClientRect = () => new DOMRect(0, -400, 100, 2_000);
  expect(isCalm(place)).toBe(false);
});
