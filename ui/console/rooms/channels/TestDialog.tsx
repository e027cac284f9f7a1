/** One text to one address, at once, and what the provider said. */
import type { Problem } from "@client/problem";
import { formatDuration } from "@shared/time";
import { useMutation } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { useState } from "react";
import { Code, ErrorPanel, FormDialog, TextField } from "../../kit";
import { useLocale, useText } from "../../language";
import { useReason } from "../../problems/useReason";
import { http, queries } from "../../session";
import type { TrialResult } from "../operate/api";
import { channelsQuery } from "../operate/api";
import styles from "./channels.module.css";
import { text } from "./messages";

export function TestDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const t = useText(text);
  const [to, setTo] = useState("");
  const [isMissing, setMissing] = useState(false);
  const trial = useMutation({
    mutationFn: () => http.post<TrialResult>(`/api/v1/channels/${encodeURIComponent(name)}/test`, { to: to.trim() }),
    onSettled: () => queries.invalidateQueries(channelsQuery),
  });
  const send = () => {
    setMissing(to.trim() === "");
    if (to.trim()) trial.mutate();
  };
  const labels: Record<string, string> = { email: t("to_email"), telegram: t("to_telegram"), webhook: t("to_webhook") };
  const refused = trial.error as Problem | null;
  const wrong = refused?.status === 422 ? refused.detail : null;
  return (
    <FormDialog
      onClose={onClose}
      title={t("testTitle", { name })}
      submitLabel={trial.isSuccess ? t("sendAgain") : t("send")}
      closeLabel={t("close")}
      onSubmit={send}
      isPending={trial.isPending}
      isLight
    >
      <p className={styles.said}>{t("testWords")}</p>
      <TextField
        label={labels[name] ?? t("to")}
        value={to}
        onChange={setTo}
        error={isMissing ? t("toWrong") : wrong}
        isRequired
        autoFocus
        mono
        maxLength={2000}
      />
      <div role="status" className={styles.result}>
        {trial.isSuccess && <Result result={trial.data} />}
      </div>
      {refused && !wrong && <ErrorPanel error={refused} />}
    </FormDialog>
  );
}

function Result({ result }: { result: TrialResult }) {
  const t = useText(text);
  const locale = useLocale();
  const say = useReason();
  const isSent = result.status === "sent";
  return (
    <>
      <p className={isSent ? styles.good : styles.bad}>
        {isSent ? <CircleCheck aria-hidden size={18} /> : <CircleX aria-hidden size={18} />}
        <strong>{isSent ? t("sent") : t("notSent")}</strong>
      </p>
      {result.error && <p className={styles.error}>{say(result.error, result.error_codes)}</p>}
      <p className={styles.said}>
        {!isSent && `${result.permanent ? t("permanent") : t("temporary")} `}
        {t("took", { time: formatDuration(result.seconds * 1000, locale) })}
      </p>
      {result.answer ? (
        <div>
          <p className={styles.said}>{t("answer")}</p>
          <Code label={t("answer")} wrap>
            {result.answer}
          </Code>
        </div>
      ) : (
        isSent && <p className={styles.said}>{t("noAnswer")}</p>
      )}
      {result.reference && (
        <p className={styles.said}>
          {t("reference")}: <code>{result.reference}</code>
        </p>
      )}
    </>
  );
}
