import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { sentences } from "./console/problems/sentences";

/** The rows of docs/problems.md that tell refusals: code → the names of what stands in its sentence. */
function documented(): Map<string, string[]> {
  const rows = refusals().matchAll(/^\| `([a-z0-9-]+)` \|(?: \d+ \|)? (.*) \|$/gm);
  return new Map([...rows].map(([, code = "", words = ""]) => [code, [...words.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name)]));
}

const refusals = () => readFileSync("../docs/problems.md", "utf8").split("## Deliveries\n")[0] ?? "";

const namesIn = (sentence: string) => [...sentence.replaceAll(/'[{}]'/g, "").matchAll(/\{(\w+)(?=[,}])/g)].map(([, name]) => name);

it("says every refusal in Russian", () => {
  const missing = [...documented().keys()].filter((code) => code !== "invalid" && !(code in sentences.ru));
  expect(missing).toEqual([]);
});

it("puts in only what the server tells", () => {
  const told = documented();
  const wrong = Object.values(sentences).flatMap((all) =>
    Object.entries(all).flatMap(([code, sentence]) => namesIn(sentence).filter((name) => told.has(code) && !told.get(code)?.includes(name ?? "")).map((name) => `${code}: ${name}`)),
  );
  expect(wrong).toEqual([]);
});

it("counts in Russian as Russian does", () => {
  const poor = Object.entries(sentences.ru).filter(([, sentence]) => sentence.includes(", plural,") && !(sentence.includes(" few {") && sentence.includes(" many {")));
  expect(poor).toEqual([]);
});
