import { expect, test } from "vitest";
import { bytes, share } from "./numbers";

test("a share is never rounded to all or nothing", () => {
  expect(share(0.99999, "en")).toBe("99.9%");
  expect(share(0.00001, "en")).toBe("0.1%");
  expect([share(1, "en"), share(0, "en"), share(null, "en")]).toEqual(["100%", "0%", "–"]);
});

test("sizes take the largest unit that fits", () => {
  expect([bytes(0, "en"), bytes(999, "en"), bytes(1_500, "en")]).toEqual(["0 byte", "999 byte", "1.5 kB"]);
  expect([bytes(2e6, "en"), bytes(3.25e9, "en"), bytes(5e15, "en")]).toEqual(["2 MB", "3.3 GB", "5,000 TB"]);
});
