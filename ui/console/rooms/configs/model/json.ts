/** JSON values and the places in them. Everything is copied on change; what is not touched stays the same object. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}
export type Path = readonly (string | number)[];

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** `["a/b", 0]` → `/a~1b/0` (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The other way round. Whether a part is an index only the value can tell: it stays text. */
export function partsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function at(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((here, part) => {
    if (Array.isArray(here)) return here[Number(part)];
    return isObject(here) && Object.hasOwn(here, part) ? here[String(part)] : undefined;
  }, value);
}

/** `value` with `to` at `path`; undefined takes the member, or the item, away. */
export function put(value: Json | undefined, path: Path, to: Json | undefined): Json {
  const [part, ...rest] = path;
  if (part === undefined) return to ?? null;
  if (Array.isArray(value)) return putItem(value, Number(part), rest, to);
  const object = isObject(value) ? value : {};
  const name = String(part);
  if (rest.length === 0 && to === undefined) {
    return Object.fromEntries(Object.entries(object).filter(([other]) => other !== name));
  }
  // Computed keys define a member of their own, also when it is called __proto__.
  return { ...object, [name]: put(Object.hasOwn(object, name) ? object[name] : undefined, rest, to) };
}

function putItem(items: Json[], index: number, rest: Path, to: Json | undefined): Json[] {
  if (rest.length === 0 && to === undefined) return items.filter((_, position) => position !== index);
  const copy = [...items];
  copy[index] = put(copy[index], rest, to);
  return copy;
}

export interface Difference {
  path: string;
  /** undefined: it was, or is, not there. */
  before: Json | undefined;
  after: Json | undefined;
}

/** Objects are compared by member, everything else, lists too, as a whole. */
export function differences(before: Json | undefined, after: Json | undefined, path: Path = []): Difference[] {
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => differences(at(before, [name]), at(after, [name]), [...path, name]));
  }
  return same(before, after) ? [] : [{ path: pointerOf(path), before, after }];
}

/** Equal as JSON; the order of members does not count. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item) => sorted(item) as Json);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name]) as Json]),
  );
}

export type Parsed = { value: JsonObject } | { line: number; column: number; reason: "syntax" | "object" };

/** What somebody typed, or where it stops being JSON. */
export function parseObject(text: string): Parsed {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return { ...placeOf(text, error as SyntaxError), reason: "syntax" };
  }
  return isObject(value) ? { value } : { line: 1, column: 1, reason: "object" };
}

/** Browsers tell the place in different words, and not always: then it is the end, where something is missing. */
function placeOf(text: string, error: SyntaxError): { line: number; column: number } {
  const lined = /line (\d+) column (\d+)/.exec(error.message);
  if (lined) return { line: Number(lined[1]), column: Number(lined[2]) };
  const position = /position (\d+)/.exec(error.message);
  const lines = text.slice(0, position ? Number(position[1]) : text.length).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
