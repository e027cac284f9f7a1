import { useEffect, useRef } from "react";
import { useText } from "../language";
import styles from "./ErrorSummary.module.css";
import { text } from "./messages";

export interface FieldIssue {
  /** The id of the element to go to, when there is one. */
  target?: string;
  label: string;
  message: string;
}

export interface ErrorSummaryProps {
  issues: readonly FieldIssue[];
}

/** All that is wrong in a form, above it; takes the focus when it appears, and leads to each field. */
export function ErrorSummary({ issues }: ErrorSummaryProps) {
  const t = useText(text);
  const box = useRef<HTMLDivElement>(null);
  const said = issues.map((issue) => `${issue.label}${issue.message}`).join("\n");
  useEffect(() => {
    if (said) box.current?.focus();
  }, [said]);
  if (issues.length === 0) return null;
  return (
    <div ref={box} tabIndex={-1} role="alert" className={styles.summary}>
      <strong>{t("summary", { n: issues.length })}</strong>
      <ul>
        {issues.map((issue, at) => (
          <li key={at}>
            {issue.target ? (
              <button type="button" className={styles.goto} onClick={() => goTo(issue.target)}>
                {issue.label}
              </button>
            ) : (
              issue.label
            )}
            <span className={styles.message}>{issue.message}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function goTo(target: string | undefined): void {
  const element = target ? document.getElementById(target) : null;
  element?.scrollIntoView({ block: "center" });
  element?.focus();
}
