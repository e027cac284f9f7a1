import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { deliveries } from "./console/problems/deliveries";
import { reasonIn } from "./console/problems/reason";

const page = readFileSync("../docs/problems.md", "utf8").split("## Deliveries\n")[1] ?? "";

/** The rows about deliveries: code → the names of what stands in its sentence. */
const documented = new Map(
  [...page.matchAll(/^\| `([a-z0-9-]+)` \| (.*) \|$/gm)].map(([, code = "", words = ""]) => [code, namesIn(words)]),
);

function namesIn(sentence: string): string[] {
  return [...new Set([...sentence.matchAll(/\{(\w+)(?=[,}])/g)].map(([, name = ""]) => name))].sort();
}

describe("the Russian sentences", () => {
  it("are those of every code, and of no other", () => {
    expect(documented.size).toBeGreaterThan(20);
    expect(Object.keys(deliveries).sort()).toEqual([...documented.keys()].sort());
  });

  it("tell all that the server tells", () => {
    expect(Object.fromEntries(Object.entries(deliveries).map(([code, sentence]) => [code, namesIn(sentence)]))).toEqual(Object.fromEntries(documented));
  });

  it("count as Russian does", () => {
    expect(Object.values(deliveries).filter((one) => one.includes(", plural,") && !(one.includes(" few {") && one.includes(" many {")))).toEqual([]);
  });
});

describe("a reason", () => {
  const text = "SMTP: no connection; given up after 61 attempts in 96 h";
  const codes = [
    { code: "no-connection", params: {} },
    { code: "given-up", params: { attempts: 61, hours: 96 } },
  ];

  it("is said in the reader's language, the cause before its end", () => {
    expect(reasonIn("ru", text, codes)).toBe("Нет соединения с сервером; отправка прекращена: 61 попытка за 96 ч");
    expect(reasonIn("en", text, codes)).toBe(text);
  });

  it("keeps what a provider said as it is", () => {
    const said = "550 {no} such <b>user</b> '#'";
    expect(reasonIn("ru", `SMTP answered ${said}`, [{ code: "smtp-answered", params: { said } }])).toBe(`SMTP-сервер ответил: ${said}`);
  });

  it("keeps the server's sentence when a code is not known, or there is none", () => {
    expect(reasonIn("ru", text, [...codes, { code: "of-tomorrow", params: {} }])).toBe(text);
    expect(reasonIn("ru", text, null)).toBe(text);
    expect(reasonIn("ru", text, undefined)).toBe(text);
    expect(reasonIn("ru", null, null)).toBeNull();
  });
});
