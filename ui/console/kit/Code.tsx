import type { ReactNode } from "react";
import { useText } from "../language";
import styles from "./Code.module.css";
import { CopyButton } from "./CopyButton";
import { text } from "./messages";

export interface CodeProps {
  /** What it is, for screen readers: the box can be scrolled with the keyboard. */
  label: string;
  children: string;
  /** Breaks long lines instead of scrolling sideways. */
  wrap?: boolean;
}

/** Text as a program wrote it, with a button that copies it. */
export function Code({ label, children, wrap = false }: CodeProps) {
  return (
    <Frame label={label} copy={children} wrap={wrap}>
      {children}
    </Frame>
  );
}

export interface JsonProps {
  label: string;
  value: unknown;
}

/** JSON, indented and coloured. */
export function Json({ label, value }: JsonProps) {
  const t = useText(text);
  const written = JSON.stringify(value, null, 2) ?? t("nothing");
  return (
    <Frame label={label} copy={written} wrap>
      {coloured(written)}
    </Frame>
  );
}

function Frame({ label, copy, wrap, children }: { label: string; copy: string; wrap: boolean; children: ReactNode }) {
  return (
    <div className={styles.frame}>
      <pre className={wrap ? styles.wrap : styles.code} role="region" aria-label={label} tabIndex={0}>
        <code>{children}</code>
      </pre>
      <span className={styles.copy}>
        <CopyButton value={copy} />
      </span>
    </div>
  );
}

/** A key with its colon, a string, or a number and the like; what is between them stays as it is. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Colouring is for reading; nobody reads a megabyte. */
const COLOURED_CHARS = 50_000;

function coloured(json: string): ReactNode {
  if (json.length > COLOURED_CHARS) return json;
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of json.matchAll(TOKEN)) {
    parts.push(json.slice(end, match.index));
    parts.push(
      <span key={match.index} className={match[2] ? styles.key : match[1] ? styles.string : styles.literal}>
        {match[0]}
      </span>,
    );
    end = match.index + match[0].length;
  }
  return [...parts, json.slice(end)];
}
