import { describe, expect, it } from "vitest";
import { asText, collect } from "./export";
import type { Source, Told } from "./source";

const told = (id: string, more: Partial<Told> = {}): Told => ({
  id, alert: "disk", key: null, status: "firing", severity: "info", title: "t", message: "", entity: null, url: null, labels: {},
  count: 1, position: 1, created_at: "", updated_at: "", ...more,
}); // prettier-ignore

describe("the export", () => {
  it("quotes what would break a table, and disarms formulas", () => {
    const csv = asText([told("a", { title: '=cmd("x")', message: 'two\nlines, "quoted"' })], "csv");
    expect(csv).toContain(`"'=cmd(""x"")"`);
    expect(csv).toContain('"two\nlines, ""quoted"""');
    expect(csv.startsWith("\ufeffid,")).toBe(true);
  });

  it("follows the cursor to the end, also over empty pages", async () => {
    const pages = [{ items: [told("a")], next: "9" }, { items: [], next: "4" }, { items: [told("b")], next: null }];
    const source: Source = { seesAll: true, key: "", page: async () => pages.shift() as (typeof pages)[0] };
    expect((await collect(source, () => undefined, new AbortController().signal)).map((one) => one.id)).toEqual(["a", "b"]);
  });
});
