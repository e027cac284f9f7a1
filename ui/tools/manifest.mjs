// custom-elements.json for editors (schema 1.0.0), from the sources: properties and methods as the published types say
// them, attributes as the classes declare them, events, slots, parts and states as they stand in the code.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";

const ELEMENTS = resolve(import.meta.dirname, "../elements");
const FILES = { "notice-bell": "bell", "notice-inbox": "inbox", "notice-toasts": "toasts" };
const SEVERITIES = ["critical", "error", "warning", "info", "success"];

const textOf = (path) => readFileSync(resolve(ELEMENTS, path), "utf8");
const parsed = (path) => ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true);
const unique = (all) => [...new Set(all)];
const found = (text, pattern) => unique([...text.matchAll(pattern)].map(([, one]) => one));
const described = (node) => {
  const said = node.jsDoc?.at(-1)?.comment;
  return said ? { description: said } : {};
};

/** The text of a module and of all of ours that it imports, other elements left out. */
function reachable(path, seen = new Set()) {
  seen.add(path);
  const text = textOf(`${path}.ts`);
  const next = found(text, /from "\.\/(\w+)"/g).filter((one) => !seen.has(one) && !Object.values(FILES).includes(one) && one !== "element");
  return [text, ...next.map((one) => reachable(one, seen))].join("\n");
}

/** Property → attribute, as `static properties` of a class says; Lit's rule is the name in small letters. */
function attributesOf(path) {
  const table = /static override properties: PropertyDeclarations = \{\n(.*?)\n {2}\};/s.exec(textOf(path))?.[1] ?? "";
  const lines = [...table.matchAll(/^ {4}(\w+): (.*),$/gm)].filter(([, , how]) => !/attribute: false|state: true/.test(how));
  return new Map(lines.map(([, name, how]) => [name, /attribute: "([\w-]+)"/.exec(how)?.[1] ?? name.toLowerCase()]));
}

/** The names in part="…"; an expression stands for the words in it, or for each severity. */
function partsOf(text) {
  const lists = found(text, /\spart="((?:\$\{[^}]*\}|[^"$])*)"/g).map((list) => list.replace(/\$\{[^}]*?"([\w-]+)"[^}]*\}/g, "$1"));
  const words = lists.flatMap((list) => list.split(/\s+/).filter(Boolean));
  return unique(words.flatMap((word) => (word.includes("${") ? SEVERITIES.map((one) => word.replace(/\$\{\w+\}/, one)) : [word])));
}

const { color } = JSON.parse(textOf("../tokens.json"));
const variables = () => {
  const own = Object.keys(color).map((name) => (name === "hairline" ? "border" : name));
  const sheets = ["theme.ts", "inbox_sheet.ts", "toasts_sheet.ts", "bell.ts"].map(textOf).join();
  return unique([...[...own, "unread"].map((name) => `--notice-${name}`), ...found(sheets, /var\((--notice-[a-z-]*[a-z])/g)]).sort();
};

function memberOf(node) {
  const name = node.name.text;
  const privacy = { privacy: "public" };
  if (ts.isPropertyDeclaration(node)) {
    const readonly = ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Readonly ? { readonly: true } : {};
    return { kind: "field", name, type: { text: node.type.getText() }, ...privacy, ...readonly, ...described(node) };
  }
  const parameters = node.parameters.map((one) => ({
    ...{ name: one.name.text, type: { text: one.type.getText() } },
    ...(one.questionToken ? { optional: true } : {}),
  }));
  return { kind: "method", name, parameters, return: { type: { text: node.type.getText() } }, ...privacy, ...described(node) };
}

/** The document as an object. */
export function manifest() {
  const types = parsed("public/notice-elements.d.ts");
  const [classes, interfaces] = [ts.isClassDeclaration, ts.isInterfaceDeclaration].map((is) => types.statements.filter(is));
  const shared = classes.find(({ name }) => name.text === "NoticeElement");
  const told = new Map(interfaces.find(({ name }) => name.text === "NoticeEvents").members.map((one) => [one.name.text, one]));
  const cssProperties = variables().map((name) => ({ name }));
  const named = (all) => all.map((name) => ({ name }));

  const declaration = (node) => {
    const tagName = node.name.text.replace(/(?<!^)([A-Z])/, "-$1").toLowerCase();
    const text = `${reachable(FILES[tagName])}\n${textOf("element.ts")}`;
    const members = [...node.members, ...shared.members].map(memberOf);
    const attributes = new Map([...attributesOf(`${FILES[tagName]}.ts`), ...attributesOf("element.ts")]);
    const inside = tagName === "notice-bell" ? reachable("inbox") : ""; // it lets through what its inbox tells and shows
    const events = [...found(text + inside, /emit\("([\w-]+)"/g), ...found(textOf("connect.ts"), /tell\("([\w-]+)"/g)];
    return {
      ...{ kind: "class", customElement: true, name: node.name.text, tagName, ...described(node), members },
      attributes: [...attributes].map(([fieldName, name]) => {
        const { type, description } = members.find((one) => one.name === fieldName);
        return { name, fieldName, type, ...(description ? { description } : {}) };
      }),
      events: unique(events).map((name) => ({ name, type: { text: told.get(name).type.getText() }, ...described(told.get(name)) })),
      ...{ slots: named(found(text, /<slot name="([\w-]+)"/g)), cssParts: named(partsOf(text + inside)), cssProperties },
      cssStates: named(found(text, /\.mark\("(\w+)"/g)),
    };
  };
  const declarations = classes.filter((node) => node !== shared).map(declaration);
  const exports = declarations.map(({ name, tagName }) => ({ kind: "custom-element-definition", name: tagName, declaration: { name } }));
  const path = "notice-elements.js";
  return { schemaVersion: "1.0.0", modules: [{ kind: "javascript-module", path, declarations, exports }] };
}

/** A plugin of Vite that lays it beside the script. */
export const manifestBeside = () => ({
  name: "custom-elements-manifest",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "custom-elements.json", source: `${JSON.stringify(manifest(), null, 1)}\n` });
  },
});
