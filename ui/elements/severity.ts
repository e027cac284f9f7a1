/** Known in greyscale: every severity has a shape of its own beside its colour and its word. */
import type { Severity } from "@client/entries";
import { html, svg, type SVGTemplateResult, type TemplateResult } from "lit";

const SEVERITIES: readonly Severity[] = ["critical", "error", "warning", "success", "info"];

const SHAPES: Record<Severity, SVGTemplateResult> = {
  critical: svg`<path class="solid" d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="mark" d="M8 4v5M8 11.2v.6"/>`,
  error: svg`<path class="solid" d="M8 .8 15.2 8 8 15.2.8 8z"/><path class="mark" d="m5.8 5.8 4.4 4.4M10.2 5.8l-4.4 4.4"/>`,
  warning: svg`<path class="outline" d="M8 2 14.8 14H1.2zM8 6v4M8 11.8v.4"/>`,
  success: svg`<path class="outline" d="M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M5 8.2l2 2 4-4.4"/>`,
  info: svg`<path class="outline" d="M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M8 7.2v4M8 4.6v.4"/>`,
};

/** What is unknown looks like information. */
export function severityOf(word: unknown): Severity {
  return SEVERITIES.find((name) => name === word) ?? "info";
}

export function glyph(severity: Severity): TemplateResult {
  return html`<svg class="glyph ${severity}" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[severity]}</svg>`;
}
