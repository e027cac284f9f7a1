import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const tokens = JSON.parse(readFileSync("tokens.json", "utf8")) as Record<"color" | "console", Record<string, [string, string]>>;
const color = { ...tokens.color, ...tokens.console };

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const severities = ["critical", "error", "warning", "info", "debug", "success"];
const grounds = ["canvas", "surface", "selected"];
const texts = ["text", "muted", "subtle", ...severities];
const readable: [string, string][] = [
  ...texts.flatMap((text) => grounds.map((ground): [string, string] => [text, ground])),
  ...severities.flatMap((one): [string, string][] => [[one, `${one}-tint`], ["text", `${one}-tint`], ["muted", `${one}-tint`]]),
  ["accent", "surface"], ["accent", "canvas"], ["on-accent", "accent"], ["on-accent", "accent-hover"],
  ["on-critical", "critical"], ["on-error", "error"], ["muted", "sunken"],
];
const visible: [string, string][] = ["control", "focus"].flatMap((one) => ["surface", "canvas"].map((ground): [string, string] => [one, ground]));

describe.each([["light", 0], ["dark", 1]] as const)("in the %s theme", (_, theme) => {
  const at = (name: string) => (color[name] ?? [])[theme] ?? "";

  it.each(readable)("%s can be read on %s", (text, ground) => {
    expect(contrast(at(text), at(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(visible)("%s can be seen on %s", (one, ground) => {
    expect(contrast(at(one), at(ground))).toBeGreaterThanOrEqual(3);
  });
});
