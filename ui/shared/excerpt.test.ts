import { expect, test } from "vitest";
import { excerpt } from "./excerpt";

test.each([
  ["Grown by **4 GB**.\n\n- `/var/log` 3.1 GB", "Grown by 4 GB. /var/log 3.1 GB"],
  ["The last good one is of *yesterday 02:10*.", "The last good one is of yesterday 02:10."],
  ["_Quite_ full, see [the page](https://example.org)", "Quite full, see the page"],
  ["2 * 3 * 4, a*b*c and snake_case_name", "2 * 3 * 4, a*b*c and snake_case_name"],
])("%s → %s", (markdown, words) => {
  expect(excerpt(markdown)).toBe(words);
});

test("what is too long ends in an ellipsis", () => {
  expect(excerpt("one two three", 8)).toBe("one two…");
});
