import { describe, expect, it } from "vitest";
import { addressesIn, stepsOf, swapped } from "./channel";
import { at, differences, type JsonObject, parseObject, pointerOf, put } from "./json";
import { fieldOf, initial, resolve, secretsOf, variantOf } from "./schema";

describe("places in JSON", () => {
  it("changes one place and keeps the rest as it is", () => {
    const value = { metric: { "a/b": [1, 2], other: { kept: true } }, unknown: 1 };
    const changed = put(value, ["metric", "a/b", 1], 3) as JsonObject;
    expect(changed).toEqual({ metric: { "a/b": [1, 3], other: { kept: true } }, unknown: 1 });
    expect(at(changed, ["metric", "other"])).toBe(value.metric.other);
    expect(pointerOf(["metric", "a/b", 1])).toBe("/metric/a~1b/1");
  });
  it("takes members and items away", () => {
    expect(put({ a: 1, b: [1, 2] }, ["a"], undefined)).toEqual({ b: [1, 2] });
    expect(put({ b: [1, 2] }, ["b", 0], undefined)).toEqual({ b: [2] });
  });
  it("knows no inherited members", () => {
    expect(at({}, ["constructor"])).toBeUndefined();
    expect(Object.keys(put({}, ["__proto__"], 1) as object)).toEqual(["__proto__"]);
  });
  it("tells where text stops being JSON", () => {
    expect(parseObject('{\n  "a": 1,\n}')).toMatchObject({ line: 3, column: 1, reason: "syntax" });
    expect(parseObject("[]")).toMatchObject({ reason: "object" });
  });
});

describe("differences", () => {
  it("are by member, lists as a whole, whatever the order of members", () => {
    expect(differences({ a: { b: 1, c: [1] }, d: 1 }, { d: 1, a: { c: [1, 2], b: 1 }, e: null })).toEqual([
      { path: "/a/c", before: [1], after: [1, 2] },
      { path: "/e", before: undefined, after: null },
    ]);
  });
});

describe("a schema", () => {
  const root: JsonObject = {
    $defs: { host: { type: "object", properties: { name: { type: "string" }, next: { $ref: "#/$defs/host" } } } },
    type: "object",
    required: ["target", "host"],
    properties: {
      max: { type: "integer", minimum: 1, maximum: 100, default: 90, unit: "%" },
      mode: { enum: ["a", "b"] },
      host: { $ref: "#/$defs/host", title: "Host" },
      tags: { type: "array", items: { type: "string" } },
      maybe: { anyOf: [{ type: "string", format: "email" }, { type: "null" }] },
      target: {
        oneOf: [
          { title: "Mail", properties: { kind: { const: "mail" }, to: { type: "string" } }, required: ["kind"] },
          { title: "Page", properties: { kind: { const: "page" }, key: { type: "string", writeOnly: true } }, required: ["kind"] },
        ],
      },
    },
  };
  const shape = (name: string) => fieldOf(resolve(at(root, ["properties", name]), root), root).shape;

  it("becomes fields", () => {
    expect(shape("max")).toEqual({ kind: "number", isInteger: true, min: 1, max: 100 });
    expect(shape("mode")).toEqual({ kind: "choice", options: ["a", "b"] });
    expect(shape("maybe")).toMatchObject({ kind: "text", input: "email" });
    expect(shape("tags")).toMatchObject({ kind: "list" });
    expect(fieldOf(resolve(at(root, ["properties", "host"]), root), root).title).toBe("Host");
  });
  it("gives a new value its defaults and what must be there, and ends though it refers to itself", () => {
    expect(initial(root, root)).toEqual({ max: 90, host: {}, target: { kind: "mail" } });
  });
  it("chooses the variant by what the value says", () => {
    const variants = shape("target");
    expect(variants.kind === "variants" && variantOf(variants.variants, { kind: "page", key: "k" }, root)).toBe(1);
  });
  it("shows the branch of a condition", () => {
    const when = { if: { properties: { on: { const: true } }, required: ["on"] }, then: { properties: { level: { type: "number" } } } };
    const names = (value: JsonObject) => Object.keys(resolve({ type: "object", properties: { on: {} }, ...when }, {}, value).properties as object);
    expect(names({ on: true })).toEqual(["on", "level"]);
    expect(names({ on: false })).toEqual(["on"]);
  });
  it("knows where secrets are", () => {
    expect(secretsOf(root, root, { target: { kind: "page", key: "k" } })).toEqual([["target", "key"]]);
  });
});

describe("steps", () => {
  const channels = { email: { after: "15m" }, panel: {}, telegram: { chat_id: [1] } };
  it("stand in the order in which they run", () => {
    expect(stepsOf(channels).map((step) => [step.channel, step.after])).toEqual([
      ["panel", "0"],
      ["telegram", "10m"],
      ["email", "15m"],
    ]);
  });
  it("change places by exchanging their delays", () => {
    const [, telegram, email] = stepsOf(channels);
    if (!telegram || !email) throw new Error("no steps");
    expect(stepsOf(swapped(channels, telegram, email)).map((step) => step.channel)).toEqual(["panel", "email", "telegram"]);
  });
  it("take numbers of chats as numbers", () => {
    expect(addressesIn("-1001, @ops\n42", "chat_id")).toEqual([-1001, "@ops", 42]);
  });
});
