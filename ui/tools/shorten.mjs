// What is private or protected in a class has a long name for readers; browsers get a short one. The type checker says
// which identifier means which member, so nothing else of the same name is touched.
import ts from "typescript";

const { Private, Protected, Override } = ts.ModifierFlags;
const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** The n-th short name; no browser and no library has members of this form. */
const short = (n) => `_${n < LETTERS.length ? "" : short(Math.floor(n / LETTERS.length) - 1).slice(1)}${LETTERS[n % LETTERS.length]}`;

function programOf(entry) {
  const path = ts.findConfigFile(entry, ts.sys.fileExists);
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(path, ts.sys.readFile).config, ts.sys, path.replace(/[^/]+$/, ""));
  return ts.createProgram([entry], { ...options, noEmit: true });
}

const isOurs = (node) => !/\/node_modules\//.test(node.getSourceFile().fileName);
const classOf = (member) => (ts.isConstructorDeclaration(member.parent) ? member.parent.parent : member.parent);
const membersOf = (node) => [...node.members, ...node.members.filter(ts.isConstructorDeclaration).flatMap((made) => made.parameters)];
const own = (node, name) => membersOf(node).find((member) => member.name?.text === name);

/** Every use of a hidden member in the program, as {file, node, text(name)}, by the class that declares it first. */
class Uses {
  byClass = new Map();

  constructor(program) {
    this.checker = program.getTypeChecker();
    for (const file of program.getSourceFiles()) if (!file.isDeclarationFile && isOurs(file)) this.visit(file);
  }

  visit(node) {
    if (ts.isIdentifier(node)) this.note(node);
    ts.forEachChild(node, (child) => this.visit(child));
  }

  note(node) {
    const { parent, text } = node;
    const isPattern = ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent) && (parent.propertyName ?? parent.name) === node;
    const field = isPattern ? this.hidden(this.checker.getTypeAtLocation(parent.parent).getProperty(text)) : undefined;
    if (field) return this.add(field, node, parent.propertyName ? (name) => name : (name) => `${name}: ${text}`);
    const isShorthand = ts.isShorthandPropertyAssignment(parent);
    const member = this.hidden(isShorthand ? this.checker.getShorthandAssignmentValueSymbol(parent) : this.checker.getSymbolAtLocation(node));
    if (member) this.add(member, node, isShorthand ? (name) => `${text}: ${name}` : (name) => name);
  }

  /** The first class above that has it, when it is ours to rename. */
  hidden(symbol) {
    const member = symbol?.declarations?.find((one) => ts.canHaveModifiers(one) && ts.getCombinedModifierFlags(one) & (Private | Protected));
    if (!member || ts.isConstructorDeclaration(member) || !isOurs(member)) return undefined;
    let first = classOf(member);
    for (let above = this.above(first); above; above = this.above(above)) if (own(above, symbol.name)) first = above;
    const inherits = ts.getCombinedModifierFlags(own(first, symbol.name)) & Override; // from a library, which calls it
    return inherits || isReactive(first, symbol.name) ? undefined : first;
  }

  above(node) {
    const [clause] = node.heritageClauses?.filter(({ token }) => token === ts.SyntaxKind.ExtendsKeyword) ?? [];
    const made = clause && this.checker.getTypeAtLocation(clause.types[0]).symbol?.declarations?.find(ts.isClassDeclaration);
    return made && isOurs(made) ? made : undefined;
  }

  add(owner, node, text) {
    const names = this.byClass.get(owner) ?? new Map();
    this.byClass.set(owner, names);
    names.set(node.text, [...(names.get(node.text) ?? []), { node, text }]);
  }

  /** file → [start, end, what stands there]. Every class begins anew, after those it extends: few names, often met. */
  edits() {
    const count = (node) => (node ? (this.byClass.get(node)?.size ?? 0) + count(this.above(node)) : 0);
    const files = new Map();
    for (const [owner, names] of this.byClass) {
      const taken = count(this.above(owner));
      const byUse = [...names.values()].sort((one, other) => other.length - one.length);
      byUse.forEach((uses, index) => uses.forEach(({ node, text }) => {
        const file = node.getSourceFile().fileName;
        files.set(file, [...(files.get(file) ?? []), [node.getStart(), node.getEnd(), text(short(taken + index))]]);
      }));
    }
    return files;
  }
}

/** Lit finds it by the name that `static properties` says. */
function isReactive(node, name) {
  const table = own(node, "properties")?.initializer;
  return table !== undefined && ts.isObjectLiteralExpression(table) && table.properties.some((one) => one.name?.text === name);
}

/** A plugin of Vite, for all that `entry` imports of ours. It has to be the first: it goes by the files as they are. */
export const shorten = (entry) => {
  let edits;
  return {
    name: "shorten-members",
    enforce: "pre",
    buildStart: () => void (edits = new Uses(programOf(entry)).edits()),
    transform: (code, file) =>
      edits.get(file)?.sort(([one], [other]) => other - one).reduce((text, [start, end, put]) => text.slice(0, start) + put + text.slice(end), code),
  };
};
