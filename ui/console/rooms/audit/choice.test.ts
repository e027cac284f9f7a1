import { expect, test } from "vitest";
import { choiceOf, isNarrowed } from "./choice";

test("the address says which records, and what means nothing does not narrow", () => {
  expect(choiceOf({ action: "token-revoked", by: "a1", about: "t 1", theme: "odd" })).toEqual({ action: "token-revoked", by: "a1" });
  expect(choiceOf({ action: "everything", about: "x".repeat(201) })).toEqual({});
});

test("only what is asked for narrows", () => {
  expect([isNarrowed({ action: "everything" }), isNarrowed({ about: "ann" })]).toEqual([false, true]);
});
