/**
 * From a JSON Schema to what a form has to draw. Nothing is judged here, the server does that; a branch is chosen by
 * what the value looks like.
 */
import { at, isObject, type Json, type JsonObject, partsOf, same } from "./json";

export type Shape =
  | { kind: "text"; input: "text" | "email" | "url" | "password"; isLong: boolean; placeholder?: string }
  | { kind: "number"; isInteger: boolean; min?: number; max?: number; step?: number }
  | { kind: "flag" }
  | { kind: "choice"; options: Json[] }
  | { kind: "list"; item: JsonObject }
  | { kind: "group"; members: Member[] }
  | { kind: "variants"; variants: JsonObject[] }
  | { kind: "any" };

export interface Member {
  name: string;
  schema: JsonObject;
  isRequired: boolean;
}

export interface Field {
  title: string | undefined;
  description: string | undefined;
  unit: string | undefined;
  default: Json | undefined;
  /** What must not be kept in drafts, nor shown again. */
  isSecret: boolean;
  shape: Shape;
}

const HOPS = 16;
const LONG = 200;
const INPUTS: Record<string, "email" | "url" | "password"> = { email: "email", uri: "url", url: "url", password: "password" };

/** The schema itself: references followed, `allOf` and the branch of `if` that fits put together. */
export function resolve(schema: Json | undefined, root: JsonObject, value?: Json, hops = 0): JsonObject {
  if (!isObject(schema) || hops > HOPS) return {};
  const { $ref, allOf, ...own } = schema;
  let whole: JsonObject = own;
  if (typeof $ref === "string" && $ref.startsWith("#")) {
    whole = { ...resolve(at(root, partsOf(decodeURI($ref.slice(1)))), root, value, hops + 1), ...whole };
  }
  if (Array.isArray(allOf)) whole = allOf.reduce<JsonObject>((sum, part) => joined(sum, resolve(part, root, value, hops + 1)), whole);
  if (isObject(whole.if)) {
    const { if: condition, then, else: otherwise, ...rest } = whole;
    const branch = fits(condition as JsonObject, value, root) ? then : otherwise;
    whole = joined(rest, resolve(branch, root, value, hops + 1));
  }
  return whole;
}

function joined(one: JsonObject, other: JsonObject): JsonObject {
  const both = { ...one, ...other };
  if (isObject(one.properties) && isObject(other.properties)) both.properties = { ...one.properties, ...other.properties };
  if (Array.isArray(one.required) && Array.isArray(other.required)) both.required = [...one.required, ...other.required];
  return both;
}

/** What a resolved schema says of one field. */
export function fieldOf(schema: JsonObject, root: JsonObject): Field {
  const text = (name: string) => (typeof schema[name] === "string" ? (schema[name] as string) : undefined);
  return {
    title: text("title"),
    description: text("description"),
    unit: text("unit"),
    default: schema.default,
    isSecret: schema.writeOnly === true || schema.format === "password",
    shape: shapeOf(schema, root),
  };
}

function shapeOf(schema: JsonObject, root: JsonObject): Shape {
  if (Array.isArray(schema.enum)) return { kind: "choice", options: schema.enum };
  if (schema.const !== undefined) return { kind: "choice", options: [schema.const] };
  const variants = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(variants)) return variantsOf(variants.filter(isObject), schema, root);
  switch (typeOf(schema)) {
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return numberOf(schema);
    case "boolean":
      return { kind: "flag" };
    case "array":
      return { kind: "list", item: isObject(schema.items) ? schema.items : {} };
    case "object":
      return groupOf(schema);
    default:
      return { kind: "any" };
  }
}

/** Variants of constants are an enumeration; "this or null" is this. */
function variantsOf(variants: JsonObject[], schema: JsonObject, root: JsonObject): Shape {
  const real = variants.filter((variant) => variant.type !== "null");
  if (real.length === 1 && real[0]) return shapeOf(resolve(real[0], root), root);
  const constants = real.map((variant) => variant.const);
  if (constants.every((one) => one !== undefined)) return { kind: "choice", options: constants as Json[] };
  const { oneOf: _one, anyOf: _any, title: _title, description: _description, default: _default, ...common } = schema;
  return { kind: "variants", variants: real.map((variant) => joined(common, resolve(variant, root))) };
}

function typeOf(schema: JsonObject): string | undefined {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (typeof type === "string") return type;
  return isObject(schema.properties) ? "object" : schema.items !== undefined ? "array" : undefined;
}

function textOf(schema: JsonObject): Shape {
  const isSecret = schema.writeOnly === true;
  const example = Array.isArray(schema.examples) ? schema.examples[0] : undefined;
  return {
    kind: "text",
    input: isSecret ? "password" : (INPUTS[String(schema.format)] ?? "text"),
    isLong: schema.contentMediaType !== undefined || schema.format === "textarea" || Number(schema.maxLength ?? 0) > LONG,
    ...(typeof example === "string" ? { placeholder: example } : {}),
  };
}

function numberOf(schema: JsonObject): Shape {
  const number = (name: string) => (typeof schema[name] === "number" ? (schema[name] as number) : undefined);
  const min = number("minimum");
  const max = number("maximum");
  const step = number("multipleOf");
  return {
    kind: "number",
    isInteger: typeOf(schema) === "integer",
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(step === undefined ? {} : { step }),
  };
}

function groupOf(schema: JsonObject): Shape {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const members = Object.entries(isObject(schema.properties) ? schema.properties : {})
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .map(([name, member]) => ({ name, schema: member, isRequired: required.includes(name) }));
  return members.length ? { kind: "group", members } : { kind: "any" };
}

/** What a new value begins with: defaults, constants, and the groups that must be there. */
export function initial(schema: Json | undefined, root: JsonObject, depth = 0): Json | undefined {
  const whole = resolve(schema, root);
  if (whole.default !== undefined) return whole.default;
  const { shape } = fieldOf(whole, root);
  if (shape.kind === "choice") return shape.options.length === 1 ? shape.options[0] : undefined;
  if (shape.kind === "variants" && depth < HOPS) return initial(shape.variants[0], root, depth + 1);
  if (shape.kind !== "group" || depth > HOPS) return undefined;
  const start = (member: Member) => (member.isRequired ? initial(member.schema, root, depth + 1) : resolve(member.schema, root).default);
  const members = shape.members.map((member) => [member.name, start(member)] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as JsonObject;
}

/** Which of the variants a value is meant to be: the first that it fits, else the first that shares most with it. */
export function variantOf(variants: JsonObject[], value: Json | undefined, root: JsonObject): number {
  const found = variants.findIndex((variant) => fits(variant, value, root));
  return found === -1 ? 0 : found;
}

/** A rough look, enough to tell branches apart: types, constants, and the members that must be there. */
function fits(schema: JsonObject, value: Json | undefined, root: JsonObject, depth = 0): boolean {
  const whole = resolve(schema, root, value);
  if (depth > HOPS) return true;
  if (whole.const !== undefined && !same(whole.const, value)) return false;
  if (Array.isArray(whole.enum) && !whole.enum.some((one) => same(one, value))) return false;
  const type = typeOf(whole);
  if (type !== undefined && whole.type !== undefined && !isOf(type, value)) return false;
  if (!isObject(value)) return true;
  if (Array.isArray(whole.required) && whole.required.some((name) => !Object.hasOwn(value, String(name)))) return false;
  const members = isObject(whole.properties) ? Object.entries(whole.properties) : [];
  return members.every(([name, member]) => !Object.hasOwn(value, name) || !isObject(member) || fits(member, value[name], root, depth + 1));
}

function isOf(type: string, value: Json | undefined): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

/** The places of secrets in a value, so that a draft is kept without them. */
export function secretsOf(schema: Json | undefined, root: JsonObject, value: Json | undefined, path: (string | number)[] = []): (string | number)[][] {
  const whole = resolve(schema, root, value);
  const field = fieldOf(whole, root);
  if (field.isSecret) return value === undefined ? [] : [path];
  const { shape } = field;
  if (shape.kind === "group" && isObject(value)) {
    return shape.members.flatMap(({ name, schema: member }) => (Object.hasOwn(value, name) ? secretsOf(member, root, value[name], [...path, name]) : []));
  }
  if (shape.kind === "list" && Array.isArray(value)) return value.flatMap((item, index) => secretsOf(shape.item, root, item, [...path, index]));
  if (shape.kind === "variants") return secretsOf(shape.variants[variantOf(shape.variants, value, root)], root, value, path);
  return [];
}
