/**
 * Markdown → a tree of the few things that we show, which any renderer turns into nodes. What stands in the text as HTML
 * stays text, addresses that are no pages of the web are left out, and pictures become links: a browser that fetched
 * them would tell a stranger who reads, and when.
 */
import { Lexer, type Token, type Tokens } from "marked";

export interface SafeLink {
  href: string;
  /** Where it leads: shown beside words that say something else. */
  host: string;
  isOutside: boolean;
}

export type Inline =
  | { kind: "text" | "code"; text: string }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "link"; link: SafeLink; isPicture: boolean; children: Inline[] }
  | { kind: "break" };

export interface ListItem {
  /** Of a task; undefined for other items. */
  checked: boolean | undefined;
  children: Block[];
}

export type Block =
  | { kind: "paragraph" | "plain"; children: Inline[] }
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; ordered: boolean; start: number; items: ListItem[] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

/** Longer texts are shown as they are: nobody reads them as a page, and parsing them is work that a stranger gives. */
const PARSED_CHARS = 50_000;
/** Each opening sign may look for its end through the whole text: so many are still a blink. */
const PARSED_SIGNS = 2_000;
/** Quotes in quotes in lists: beyond this it is no text any more. */
const DEEPEST = 24;
const PROTOCOLS = ["http:", "https:", "mailto:"];

/** With a scheme, or a path of our own: what is relative to nothing leads nowhere. */
const ADDRESS = /^(?:[a-z][a-z\d+.-]*:|\/)/i;

/** An address that may be followed; null for scripts, files and whatever else there is. */
export function safeLink(href: string, base: string = location.href): SafeLink | null {
  if (!ADDRESS.test(href) || !URL.canParse(href, base)) return null;
  const { protocol, host, origin, pathname } = new URL(href, base);
  if (!PROTOCOLS.includes(protocol)) return null;
  return { href, host: protocol === "mailto:" ? pathname : host, isOutside: origin !== new URL(base).origin };
}

export function parseMarkdown(text: string): Block[] {
  const plain: Block[] = [{ kind: "plain", children: [{ kind: "text", text }] }];
  if (text.length > PARSED_CHARS || (text.match(/[*_~`[<]/g)?.length ?? 0) > PARSED_SIGNS) return plain;
  try {
    return blocks(new Lexer({ gfm: true, breaks: true }).lex(text), 0);
  } catch {
    return plain; // nested deeper than the parser goes
  }
}

function blocks(tokens: readonly Token[], depth: number): Block[] {
  if (depth > DEEPEST) throw new RangeError("nested too deeply");
  return tokens.flatMap((token) => block(token, depth));
}

function block(token: Token, depth: number): Block[] {
  switch (token.type) {
    case "space":
    case "def":
    case "checkbox":
      return [];
    case "heading":
      return [{ kind: "heading", level: (token as Tokens.Heading).depth, children: inlinesOf(token, depth) }];
    case "paragraph":
      return [{ kind: "paragraph", children: inlinesOf(token, depth) }];
    case "text":
      return [{ kind: "plain", children: inlinesOf(token, depth) }];
    case "code":
      return [{ kind: "code", text: (token as Tokens.Code).text }];
    case "blockquote":
      return [{ kind: "quote", children: blocks((token as Tokens.Blockquote).tokens, depth + 1) }];
    case "list":
      return [list(token as Tokens.List, depth)];
    case "table":
      return [table(token as Tokens.Table, depth)];
    case "hr":
      return [{ kind: "rule" }];
    default:
      return [{ kind: "plain", children: [{ kind: "text", text: token.raw }] }]; // HTML, as the text that it is
  }
}

function list({ ordered, start, items }: Tokens.List, depth: number): Block {
  return {
    kind: "list",
    ordered,
    start: Number(start) || 1,
    items: items.map((item) => ({ checked: item.task ? item.checked === true : undefined, children: blocks(item.tokens, depth + 1) })),
  };
}

function table({ header, rows }: Tokens.Table, depth: number): Block {
  const cell = (one: Tokens.TableCell) => inlines(one.tokens, depth + 1);
  return { kind: "table", head: header.map(cell), rows: rows.map((row) => row.map(cell)) };
}

function inlinesOf(token: Token, depth: number): Inline[] {
  const { tokens, text = "" } = token as { tokens?: Token[]; text?: string };
  return tokens ? inlines(tokens, depth + 1) : [{ kind: "text", text: decoded(text) }];
}

function inlines(tokens: readonly Token[], depth: number): Inline[] {
  if (depth > DEEPEST) throw new RangeError("nested too deeply");
  return tokens.flatMap((token) => inline(token, depth));
}

function inline(token: Token, depth: number): Inline[] {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return [{ kind: token.type, children: inlinesOf(token, depth) }];
    case "codespan":
      return [{ kind: "code", text: (token as Tokens.Codespan).text }];
    case "br":
      return [{ kind: "break" }];
    case "link":
      return linked(token as Tokens.Link, inlinesOf(token, depth), false);
    case "image":
      return linked(token as Tokens.Image, [{ kind: "text", text: (token as Tokens.Image).text || (token as Tokens.Image).href }], true);
    case "escape":
      return [{ kind: "text", text: (token as Tokens.Escape).text }];
    case "text":
      return inlinesOf(token, depth);
    case "checkbox":
      return [];
    default:
      return [{ kind: "text", text: token.raw }];
  }
}

/** What may not be followed keeps its words and shows its address. */
function linked({ href }: { href: string }, children: Inline[], isPicture: boolean): Inline[] {
  const link = safeLink(href);
  return link ? [{ kind: "link", link, isPicture, children }] : [...children, { kind: "text", text: ` (${href})` }];
}

const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", ndash: "–", mdash: "—", hellip: "…" };

/** The signs that Markdown takes from HTML, as the signs that they mean. They never become tags: the result is text. */
function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? "", 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
