// Texts, style classes and exports that nobody uses; fails when there are any. The type checker says what a key can be.
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const UI = fileURLToPath(new URL("..", import.meta.url));
/** Whose exports are looked at: what the elements export, others may import. */
const CLOSED = ["console/", "shared/"];

const { config } = ts.readConfigFile(resolve(UI, "tsconfig.json"), ts.sys.readFile);
const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, UI);
const program = ts.createProgram(fileNames, options);
const checker = program.getTypeChecker();
const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile && !file.fileName.includes("node_modules"));
const nameOf = (file) => relative(UI, file.fileName);

function visit(node, act) {
  act(node);
  ts.forEachChild(node, (child) => visit(child, act));
}

/** The words that an expression of this type can be: literals as they are, templates as patterns; null when any. */
function wordsOf(type) {
  const parts = type?.isUnion() ? type.types : type ? [type] : [];
  const words = parts.filter((one) => !(one.flags & ts.TypeFlags.Undefined)).map((one) => {
    if (one.isStringLiteral()) return one.value;
    if (one.flags & ts.TypeFlags.TemplateLiteral) return new RegExp(`^${one.texts.join(".*")}$`);
    return null;
  });
  return words.length === 0 || words.includes(null) ? null : words;
}

const isSaid = (words, name) => words.some((word) => (word instanceof RegExp ? word.test(name) : word === name));

// Texts: a key is used where an argument can be it, and the argument cannot be every key.

const catalogs = new Map();
for (const file of files) {
  visit(file, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== "defineMessages") return;
    const english = node.arguments[0].properties.find((one) => one.name.getText() === "en");
    const keys = english.initializer.properties.map((one) => one.name.text);
    catalogs.set(keys.toSorted().join(), { place: nameOf(file), keys, used: [] });
  });
}

const catalogOf = (type) => catalogs.get(wordsOf(type)?.toSorted().join());

function use(node, type) {
  const catalog = catalogOf(type);
  const words = catalog && (ts.isStringLiteralLike(node) ? [node.text] : wordsOf(checker.getTypeAtLocation(node)));
  if (words && words.length < catalog.keys.length) catalog.used.push(...words);
}

/** What the first argument of a call of this can be. */
function firstOf(node) {
  const [first] = checker.getTypeAtLocation(node).getCallSignatures()[0]?.parameters ?? [];
  return first && checker.getTypeOfSymbol(first);
}

function lookForTexts(node) {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) use(node, checker.getContextualType(node));
  if (ts.isCallExpression(node) && node.arguments.length > 0) use(node.arguments[0], firstOf(node.expression));
  if (ts.isJsxAttributes(node)) lookForPhrase(node);
}

/** `<Phrase t={t} id="…" />` */
function lookForPhrase(node) {
  const valueOf = (name) => node.properties.find((one) => one.name?.getText() === name)?.initializer;
  const [t, id] = [valueOf("t"), valueOf("id")];
  if (t?.expression && id) use(id.expression ?? id, firstOf(t.expression));
}

// Classes: a sheet is a module whose importers name its classes, as members or by an index.

const sheets = new Map();
const sheetAt = (path) => {
  if (!sheets.has(path)) {
    const selectors = readFileSync(path, "utf8").replace(/\/\*[^]*?\*\/|:global\([^)]*\)/g, "").replace(/\{[^{}]*\}/g, ";");
    sheets.set(path, { classes: new Set([...selectors.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name]) => name)), used: [] });
  }
  return sheets.get(path);
};

function lookForClasses(file) {
  const names = new Map();
  visit(file, (node) => {
    if (ts.isImportDeclaration(node) && node.moduleSpecifier.text.endsWith(".module.css"))
      names.set(node.importClause.name.text, sheetAt(resolve(dirname(file.fileName), node.moduleSpecifier.text)));
    const sheet = (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) && names.get(node.expression.getText());
    if (!sheet) return;
    const words = ts.isPropertyAccessExpression(node) ? [node.name.text] : wordsOf(checker.getTypeAtLocation(node.argumentExpression));
    if (words) sheet.used.push(...words);
    else complain(`${nameOf(file)}: ${node.getText()} can be any class; give the index a type of words`);
  });
}

// Exports: what no other file imports need not be exported.

const imported = new Set();
const resolved = (symbol) => (symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

function lookForImports(file, node) {
  if (ts.isImportSpecifier(node) || ts.isImportClause(node)) imported.add(resolved(checker.getSymbolAtLocation(node.name ?? node)));
  if (ts.isIdentifier(node)) {
    const symbol = resolved(checker.getSymbolAtLocation(node));
    if (symbol?.declarations?.every((one) => one.getSourceFile() !== file)) imported.add(symbol);
  }
}

function* exportsOf(file) {
  const module = checker.getSymbolAtLocation(file);
  for (const symbol of module ? checker.getExportsOfModule(module) : []) {
    const isOwn = symbol.declarations?.some((one) => one.getSourceFile() === file && !ts.isExportSpecifier(one));
    if (isOwn && symbol.name !== "default" && symbol.flags & ts.SymbolFlags.Value) yield symbol;
  }
}

const complaints = [];
const complain = (words) => complaints.push(words);

for (const file of files) {
  lookForClasses(file);
  visit(file, (node) => {
    lookForTexts(node);
    lookForImports(file, node);
  });
}
for (const { place, keys, used } of catalogs.values()) for (const key of keys) if (!isSaid(used, key)) complain(`${place}: nobody says "${key}"`);
for (const [path, { classes, used }] of sheets) {
  for (const name of classes) if (!isSaid(used, name)) complain(`${relative(UI, path)}: nobody wears .${name}`);
  for (const name of used) if (typeof name === "string" && !classes.has(name)) complain(`${relative(UI, path)}: there is no .${name}`);
}
for (const file of files) {
  if (!CLOSED.some((folder) => nameOf(file).startsWith(folder))) continue;
  for (const symbol of exportsOf(file)) if (!imported.has(symbol)) complain(`${nameOf(file)}: nobody imports ${symbol.name}`);
}
for (const words of complaints.toSorted()) console.error(words);
process.exit(complaints.length > 0 ? 1 : 0);
