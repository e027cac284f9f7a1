/** The elements' own icons, 24 by 24, drawn with lines. */
import { html, type TemplateResult } from "lit";

const icon = (path: string): TemplateResult => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path}></path></svg>`;

export const bell = icon("M6 9a6 6 0 0 1 12 0c0 6 2.5 7 2.5 8h-17C3.5 16 6 15 6 9M10 20.5a2.2 2.2 0 0 0 4 0");
export const cross = icon("M6 6l12 12M18 6L6 18");
export const check = icon("M4 12.5l5 5L20 6.5");
export const dot = icon("M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8");
export const archive = icon("M3 4h18v4H3zM5 8v12h14V8M10 12h4");
export const unarchive = icon("M3 4h18v4H3zM5 8v12h14V8M12 18v-6M9 14l3-3 3 3");
export const flag = icon("M6 21V4h12l-2.5 4.5L18 13H6");
export const glass = icon("M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14M16 16l5 5");
