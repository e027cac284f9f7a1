/** The words of a Markdown text without its signs, for a line or two: quick and rough, where nothing is rendered. */
export function excerpt(markdown: string, length = 160): string {
  const words = markdown
    .slice(0, length * 4)
    .replace(/```[^\n]*/g, " ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+]|\d+[.)])\s+/gm, "")
    .replace(/(\*\*|__|~~|`)/g, "")
    .replace(/(?<!\w)([*_])(\S[^*_\n]*)\1(?!\w)/g, "$2")
    .replace(/\s+/g, " ")
    .trim();
  return words.length > length ? `${words.slice(0, length).trimEnd()}…` : words;
}
