import { type Block, type Inline, type ListItem, parseMarkdown } from "@shared/markdown";
import { Image } from "lucide-react";
import { Fragment, type ReactNode, useMemo } from "react";
import { useText } from "../language";
import { Link } from "./Link";
import styles from "./Markdown.module.css";
import { text as texts } from "./messages";

export interface MarkdownProps {
  children: string;
}

/** Markdown as nodes; HTML in it stays text. */
export function Markdown({ children }: MarkdownProps) {
  const blocks = useMemo(() => parseMarkdown(children), [children]);
  return <div className={styles.markdown}>{blocks.map(showBlock)}</div>;
}

function showBlock(block: Block, at: number): ReactNode {
  switch (block.kind) {
    case "paragraph":
      return <p key={at}>{block.children.map(showInline)}</p>;
    case "plain":
      return (
        <div key={at} className={styles.plain}>
          {block.children.map(showInline)}
        </div>
      );
    case "heading":
      // The page has its own headings above these.
      return (
        <p key={at} role="heading" aria-level={Math.min(6, block.level + 2)} className={styles.heading} data-level={block.level}>
          {block.children.map(showInline)}
        </p>
      );
    case "code":
      return <CodeBlock key={at}>{block.text}</CodeBlock>;
    case "quote":
      return <blockquote key={at}>{block.children.map(showBlock)}</blockquote>;
    case "list":
      return block.ordered ? (
        <ol key={at} start={block.start}>
          {block.items.map(showItem)}
        </ol>
      ) : (
        <ul key={at}>{block.items.map(showItem)}</ul>
      );
    case "table":
      return <TableBlock key={at} head={block.head} rows={block.rows} />;
    case "rule":
      return <hr key={at} />;
  }
}

function CodeBlock({ children }: { children: string }) {
  const t = useText(texts);
  return (
    <pre tabIndex={0} role="region" aria-label={t("code")}>
      <code>{children}</code>
    </pre>
  );
}

function TableBlock({ head, rows }: { head: Inline[][]; rows: Inline[][][] }) {
  const t = useText(texts);
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={t("table")}>
      <table>
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} scope="col">
                {cell.map(showInline)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            <tr key={line}>
              {row.map((cell, column) => (
                <td key={column}>{cell.map(showInline)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function showItem({ checked, children }: ListItem, at: number): ReactNode {
  return (
    <li key={at} className={checked === undefined ? undefined : styles.task}>
      {checked !== undefined && <span>{checked ? "☑ " : "☐ "}</span>}
      {children.map(showBlock)}
    </li>
  );
}

function showInline(inline: Inline, at: number): ReactNode {
  switch (inline.kind) {
    case "text":
      return <Fragment key={at}>{inline.text}</Fragment>;
    case "code":
      return <code key={at}>{inline.text}</code>;
    case "strong":
      return <strong key={at}>{inline.children.map(showInline)}</strong>;
    case "em":
      return <em key={at}>{inline.children.map(showInline)}</em>;
    case "del":
      return <del key={at}>{inline.children.map(showInline)}</del>;
    case "break":
      return <br key={at} />;
    case "link":
      return (
        <Fragment key={at}>
          <Link href={inline.link.href} external={inline.link.isOutside}>
            {inline.isPicture && <Image size={14} aria-hidden className={styles.picture} />}
            {inline.children.map(showInline)}
          </Link>
          {inline.link.isOutside && !wordsOf(inline.children).includes(inline.link.host) && (
            <span className={styles.host}> ({inline.link.host})</span>
          )}
        </Fragment>
      );
  }
}

function wordsOf(inlines: readonly Inline[]): string {
  return inlines.map((one) => ("text" in one ? one.text : "children" in one ? wordsOf(one.children) : " ")).join("");
}
