import { formatDuration } from "@shared/time";
import { Chip, Code, Time } from "../../kit";
import { useLocale, useText } from "../../language";
import { useReason } from "../../problems/useReason";
import type { Attempt } from "../operate/api";
import styles from "./deliveries.module.css";
import { text } from "./messages";

const TONES = { started: "info", sent: "success", failed: "error", lost: "warning" } as const;

/** Each try to send a message, oldest first. */
export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  const t = useText(text);
  if (attempts.length === 0) return <p className={styles.said}>{t("noAttempts")}</p>;
  return (
    <ol className={styles.attempts}>
      {attempts.map((attempt, at) => (
        <li key={attempt.started_at} className={styles.attempt} data-outcome={attempt.outcome}>
          <One attempt={attempt} number={at + 1} />
        </li>
      ))}
    </ol>
  );
}

function One({ attempt, number }: { attempt: Attempt; number: number }) {
  const t = useText(text);
  const locale = useLocale();
  const say = useReason();
  const took = attempt.finished_at ? Date.parse(attempt.finished_at) - Date.parse(attempt.started_at) : null;
  return (
    <>
      <div className={styles.attemptHead}>
        <h3>{t("attempt", { n: number })}</h3>
        <Chip tone={TONES[attempt.outcome]}>{t(`attempt_${attempt.outcome}`)}</Chip>
        <span className={styles.said}>
          <Time value={attempt.started_at} />
          {took !== null && ` · ${t("took", { time: formatDuration(took, locale) })}`}
        </span>
      </div>
      {attempt.error && <p className={styles.error}>{say(attempt.error, attempt.error_codes)}</p>}
      {attempt.answer && (
        <Code label={t("answer")} wrap>
          {attempt.answer}
        </Code>
      )}
      {attempt.reference && (
        <p className={styles.said}>
          {t("reference")}: <code>{attempt.reference}</code>
        </p>
      )}
    </>
  );
}
