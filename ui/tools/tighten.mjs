// Templates are written to be read; what is shipped has no spaces that mean nothing. Sheets in css`…`, markup in html`…`.
import ts from "typescript";

const SPACES = {
  css: (text) => text.replace(/\/\*.*?\*\//gs, "").replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").replaceAll(": ", ":").replaceAll(";}", "}").replace(/([ :(])0\./g, "$1."),
  // Between two tags on two lines nothing is lost: what they are in is laid out by flex, grid or block.
  html: (text) => text.replace(/>\s*\n\s*</g, "><").replace(/\s*\n\s*/g, " "),
};

/** The texts of templates in `code`, as [start, end, what to make of them]. */
function textsOf(code, file) {
  const found = [];
  const note = (tag, piece, source) => found.push([piece.getStart(source) + 1, piece.getEnd() - 1, SPACES[tag]]);
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const visit = (node) => {
    if (ts.isTaggedTemplateExpression(node) && SPACES[node.tag.getText(source)]) {
      const tag = node.tag.getText(source);
      const { template } = node;
      if (ts.isNoSubstitutionTemplateLiteral(template)) note(tag, template, source);
      else [template.head, ...template.templateSpans.map((span) => span.literal)].forEach((piece) => note(tag, piece, source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.sort(([one], [other]) => other - one);
}

/** A plugin of Vite, for files that match `files`. */
export const tighten = (files) => ({
  name: "tighten-templates",
  enforce: "pre",
  transform: (code, file) =>
    files.test(file)
      ? textsOf(code, file).reduce((text, [start, end, squeeze]) => text.slice(0, start) + squeeze(text.slice(start, end)) + text.slice(end), code)
      : null,
});
