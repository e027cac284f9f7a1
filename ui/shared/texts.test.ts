import { compileMessage } from "@lingui/message-utils/compileMessage";
import { describe, expect, it } from "vitest";
import { type Catalog, format } from "./i18n";

const files = import.meta.glob<Record<string, unknown>>("../**/{*essages,text,texts}.ts", { eager: true });

const isCatalog = (one: unknown): one is Catalog<string> => typeof one === "object" && one !== null && "en" in one && "ru" in one;
const catalogs = Object.entries(files).flatMap(([file, exported]) =>
  Object.values(exported)
    .filter(isCatalog)
    .map((catalog): [string, Catalog<string>] => [file, catalog]),
);

type Token = string | [string, string?, Record<string, unknown>?];

/** The names of what is put into a message, also inside of its plurals. */
function names(tokens: unknown): string[] {
  if (!Array.isArray(tokens)) return [];
  return (tokens as Token[]).flatMap((token) => {
    if (!Array.isArray(token)) return [];
    const [name, , options] = token;
    return [name, ...Object.values(options ?? {}).flatMap(names)].filter((one) => one !== "#");
  });
}

/** The plural forms that a message chooses between. */
function plurals(tokens: unknown): string[][] {
  if (!Array.isArray(tokens)) return [];
  return (tokens as Token[]).flatMap((token) => {
    if (!Array.isArray(token) || !token[2]) return [];
    return [...(token[1] === "plural" ? [Object.keys(token[2])] : []), ...Object.values(token[2]).flatMap(plurals)];
  });
}

describe.each(catalogs)("%s", (_, { en, ru }) => {
  it("puts the same into both languages", () => {
    for (const key of Object.keys(en)) {
      const both = [en[key], ru[key]].map((text) => [...new Set(names(compileMessage(text ?? "")))].sort());
      expect(both[1], key).toEqual(both[0]);
    }
  });

  it("has every plural of Russian", () => {
    for (const [key, text] of Object.entries(ru)) {
      for (const forms of plurals(compileMessage(text))) {
        expect(forms, key).toEqual(expect.arrayContaining(["one", "few", "many", "other"]));
      }
    }
  });
});

it("finds the catalogs", () => expect(catalogs.length).toBeGreaterThan(10));

const counted: Catalog<"n"> = {
  en: { n: "{n, plural, one {# notice} other {# notices}}" },
  ru: { n: "{n, plural, one {# уведомление} few {# уведомления} many {# уведомлений} other {# уведомления}}" },
};

it.each([
  [0, "0 уведомлений"], [1, "1 уведомление"], [2, "2 уведомления"], [5, "5 уведомлений"], [11, "11 уведомлений"], [21, "21 уведомление"],
  [22, "22 уведомления"], [25, "25 уведомлений"], [111, "111 уведомлений"], [1.5, "1,5 уведомления"],
])("counts %s in Russian", (n, said) => {
  expect(format(counted, "ru", "n", { n })).toBe(said);
});
