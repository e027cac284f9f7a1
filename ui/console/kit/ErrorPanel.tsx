import { CircleAlert, RotateCw } from "lucide-react";
import { useText } from "../language";
import { Button } from "./Button";
import { CopyButton } from "./CopyButton";
import styles from "./ErrorPanel.module.css";
import { text } from "./messages";

export interface ErrorPanelProps {
  /** What went wrong; a Problem is shown by its own sentence and request id. */
  error: unknown;
  /** What could not be done: "The configs could not be loaded". */
  title?: string;
  onRetry?: (() => void) | undefined;
  isRetrying?: boolean;
}

/** One panel's error: a sentence, a way to try again, and the request id for whoever reads the logs. */
export function ErrorPanel({ error, title, onRetry, isRetrying = false }: ErrorPanelProps) {
  const t = useText(text);
  const requestId = requestIdOf(error);
  return (
    <div className={styles.panel} role="alert">
      <CircleAlert className={styles.icon} aria-hidden size={20} />
      <div className={styles.words}>
        <strong>{title ?? t("failed")}</strong>
        <p className={styles.sentence}>{sentenceOf(error) ?? t("unknownError")}</p>
        {requestId && (
          <p className={styles.request}>
            {t("requestId")} <code>{requestId}</code>
            <CopyButton value={requestId} label={t("copyRequestId")} />
          </p>
        )}
      </div>
      {onRetry && (
        <Button size="small" icon={<RotateCw aria-hidden size={14} />} onPress={onRetry} isPending={isRetrying}>
          {t("retry")}
        </Button>
      )}
    </div>
  );
}

function member(error: unknown, name: string): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function sentenceOf(error: unknown): string | undefined {
  return typeof error === "string" ? error : (member(error, "detail") ?? member(error, "message") ?? member(error, "title"));
}

function requestIdOf(error: unknown): string | undefined {
  return member(error, "requestId") ?? member(error, "request_id");
}
