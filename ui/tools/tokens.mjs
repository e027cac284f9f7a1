// tokens.json → console/tokens.css: one list of design tokens for every sheet. Colours under `console` are not the elements'.
import { readFileSync, writeFileSync } from "node:fs";

const tokens = JSON.parse(readFileSync(new URL("../tokens.json", import.meta.url), "utf8"));
const lines = [
  ...Object.entries({ ...tokens.color, ...tokens.console }).map(([name, [light, dark]]) => `--${name}: light-dark(${light}, ${dark});`),
  ...["space", "radius", "motion"].flatMap((kind) => Object.entries(tokens[kind]).map(([name, value]) => `--${kind}-${name}: ${value};`)),
  ...Object.entries(tokens.text).map(([name, [size, line]]) => `--text-${name}: ${size}/${line} var(--font);`),
];
const sheet = `/* Made from tokens.json by tools/tokens.mjs; do not edit. */
:root {
  color-scheme: light dark;
  --font: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace;
  --shadow: 0 8px 24px light-dark(rgb(20 24 31 / 16%), rgb(0 0 0 / 55%));
  ${lines.join("\n  ")}
}

:root[data-theme="light"] {
  color-scheme: light;
}

:root[data-theme="dark"] {
  color-scheme: dark;
}
`;
writeFileSync(new URL("../console/tokens.css", import.meta.url), sheet);
