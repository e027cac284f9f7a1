/** Known in greyscale: every severity has a shape of its own beside its colour and its word. */
import type { Severity } from "@client/entries";
import { html, type TemplateResult } from "lit";

const CIRCLE = "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13";
/** What is filled, and what is drawn as a line on it. */
const SHAPES: Record<Severity, readonly [solid: string, line: string]> = {
  critical: ["M5 1h6l4 4v6l-4 4H5l-4-4V5z", "M8 4v5M8 11.2v.6"],
  error: ["M8 .8 15.2 8 8 15.2.8 8z", "m5.8 5.8 4.4 4.4M10.2 5.8l-4.4 4.4"],
  warning: ["", "M8 2 14.8 14H1.2zM8 6v4M8 11.8v.4"],
  success: ["", `${CIRCLE}M5 8.2l2 2 4-4.4`],
  info: ["", `${CIRCLE}M8 7.2v4M8 4.6v.4`],
};

/** What is unknown looks like information. */
export function severityOf(word: string): Severity {
  return Object.hasOwn(SHAPES, word) ? (word as Severity) : "info";
}

/** In the colour of what it is in. */
export function glyph(severity: Severity): TemplateResult {
  const [solid, line] = SHAPES[severity];
  return html`<svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
    <path class="solid" d=${solid}></path>
    <path class=${solid ? "mark" : "outline"} d=${line}></path>
  </svg>`;
}
