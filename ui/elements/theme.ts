/**
 * How the elements look, and how a host changes it: every colour is a variable `--notice-…` with a default for light and
 * dark. Nothing of the host's sheets reaches in, except what is inherited; `all: initial` ends that too.
 */
import { css, type CSSResult, unsafeCSS } from "lit";
import { color } from "../tokens.json";

const { hairline, ...same } = color;
/** Our name of a colour → its default; most are called like the token. */
const COLORS: Record<string, string[]> = { ...same, border: hairline, unread: color.accent };

const palette = Object.entries(COLORS).map(([name, both]) => `--${name}:var(--notice-${name},light-dark(${both}));`);

export const theme: CSSResult[] = [
  unsafeCSS(`.root{${palette.join("")}}`),
  css`
    :host {
      display: inline-block !important;
      color-scheme: inherit;
    }
    :host([theme="light"]) {
      color-scheme: light !important;
    }
    :host([theme="dark"]) {
      color-scheme: dark !important;
    }
    :host([hidden]) {
      display: none !important;
    }
    .root {
      all: initial;
      color-scheme: inherit;
      display: block;
      height: 100%;
      color: var(--text);
      font-family: var(--notice-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif);
      font-size: var(--notice-font-size, 14px);
      line-height: 1.43;
      --radius: var(--notice-radius, 8px);
      --gap: var(--notice-gap, 12px);
      --motion: var(--notice-motion, 120ms);
      --shadow: var(--notice-shadow, 0 8px 28px rgb(10 20 40 / 22%));
    }
    *,
    *::before,
    *::after {
      box-sizing: border-box;
    }
    button,
    input {
      font: inherit;
      color: inherit;
    }
    button {
      display: inline-flex;
      align-items: center;
      justify-content: center;
      gap: 6px;
      min-height: 32px;
      min-width: 32px;
      padding: 4px 10px;
      border: 1px solid transparent;
      border-radius: 4px;
      background: none;
      cursor: pointer;
      transition: background-color var(--motion) ease-out;
    }
    button:hover {
      background: var(--sunken);
    }
    button.solid {
      background: var(--accent);
      color: var(--on-accent);
    }
    .link {
      color: var(--accent);
    }
    /* As high as a finger needs, but not pushing apart what it stands under. */
    .links {
      position: relative;
      display: flex;
      flex-wrap: wrap;
      gap: 0 14px;
      align-items: center;
      width: fit-content;
      margin-block-end: -6px;
    }
    .links button {
      padding-inline: 0;
      border-inline: 0;
    }
    .links a {
      padding-block: 6px;
    }
    button:disabled {
      color: var(--subtle);
      cursor: default;
    }
    a {
      color: inherit;
      text-decoration: none;
    }
    h2,
    h3,
    p,
    ul,
    li {
      margin: 0;
      padding: 0;
      list-style: none;
      font: inherit;
    }
    :focus-visible {
      outline: 2px solid var(--focus);
      outline-offset: 2px;
    }
    .icon {
      width: 1.15em;
      height: 1.15em;
      flex: none;
      fill: none;
      stroke: currentcolor;
      stroke-width: 1.8;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
    .glyph {
      width: 16px;
      height: 16px;
      flex: none;
      margin-top: 2px;
    }
    [part="severity"] {
      display: flex;
      align-self: flex-start;
    }
    .glyph .solid {
      fill: currentcolor;
    }
    .glyph .mark,
    .glyph .outline {
      fill: none;
      stroke: currentcolor;
      stroke-width: 1.6;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
    .glyph .mark {
      stroke: var(--surface);
    }
    .critical {
      --tone: var(--critical);
    }
    .error {
      --tone: var(--error);
    }
    .warning {
      --tone: var(--warning);
    }
    .info {
      --tone: var(--info);
    }
    .success {
      --tone: var(--success);
    }
    .glyph,
    .tone {
      color: var(--tone);
    }
    .unseen {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
      white-space: nowrap;
    }
    [popover] {
      margin: 0;
      border: 0;
      padding: 0;
      background: none;
      color: inherit;
      overflow: visible;
    }
    @media (pointer: coarse) {
      button {
        min-height: 44px;
        min-width: 44px;
      }
      input {
        font-size: 16px;
        min-height: 44px;
      }
    }
    @media (prefers-reduced-motion: reduce) {
      * {
        transition: none !important;
        animation-duration: 1ms !important;
      }
    }
    @media (forced-colors: active) {
      .glyph .mark {
        stroke: Canvas;
      }
    }
  `,
];
