// What a first visit loads must stay small: fails the build when it does not.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const STATIC = new URL("../../notice_center/static/", import.meta.url);
const BUDGETS = { script: 220, style: 20, elements: 30 }; // KB, gzip
const kilobytes = (files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, STATIC)), { level: 9 }).length, 0) / 1024;

function firstLoad(manifest) {
  const scripts = new Set();
  const styles = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (scripts.has(chunk.file)) return;
    scripts.add(chunk.file);
    for (const file of chunk.css ?? []) styles.add(file);
    (chunk.imports ?? []).forEach(visit);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) visit(key);
  return { script: [...scripts], style: [...styles] };
}

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", STATIC), "utf8"));
const files = { ...firstLoad(manifest), elements: ["elements/v1/notice-elements.js"] };
let failed = false;
for (const [name, limit] of Object.entries(BUDGETS)) {
  const size = kilobytes(files[name]);
  console.log(`${name.padEnd(8)} ${size.toFixed(1).padStart(6)} KB gzip of ${limit}`);
  failed ||= size > limit;
}
if (failed) {
  console.error("over budget: load something later, or leave it out");
  process.exit(1);
}
