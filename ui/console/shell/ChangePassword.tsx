import type { Problem } from "@client/problem";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorPanel, FormDialog, TextField } from "../kit";
import { useText } from "../language";
import { http, queries, type Session, sessionQuery } from "../session";
import { text } from "./accountMessages";
import { announce } from "./announce";

const SHORTEST = 10;

/** Another password; who came by a link and has none yet needs no old one. */
export function ChangePassword({ session, onClose }: { session: Session; onClose: () => void }) {
  const t = useText(text);
  const hasOld = session.account.has_password;
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [isTried, setTried] = useState(false);
  const act = useMutation<unknown, Problem>({
    mutationFn: () => http.call("PUT", "/api/v1/session/password", { body: { old: hasOld ? old : null, new: fresh } }),
    onSuccess: () => {
      const known: Session = { ...session, account: { ...session.account, has_password: true } };
      queries.setQueryData(sessionQuery.queryKey, known);
      announce(t("changed"));
      onClose();
    },
  });
  const wrong = (field: string) => act.error?.errors.some((one) => one.pointer === field) ?? false;
  const isWeak = (isTried && fresh.length < SHORTEST) || wrong("/new");
  const tooMany = act.error?.status === 429 ? t("tooMany", { n: act.error.retryAfterSeconds ?? 60 }) : null;

  function submit() {
    setTried(true);
    if (fresh.length >= SHORTEST) act.mutate();
  }

  return (
    <FormDialog
      onClose={onClose}
      title={t(hasOld ? "changePassword" : "setPassword").replace("…", "")}
      size="small"
      submitLabel={t("save")}
      onSubmit={submit}
      isPending={act.isPending}
    >
      {act.error && act.error.errors.length === 0 && <ErrorPanel error={tooMany ?? act.error} title={t("failed")} />}
      <input className="visually-hidden" type="text" name="username" autoComplete="username" readOnly value={session.account.login ?? ""} tabIndex={-1} aria-hidden />
      {hasOld && (
        <TextField label={t("old")} type="password" autoComplete="current-password" autoFocus value={old} onChange={setOld} error={wrong("/old") ? t("wrongOld") : null} />
      )}
      <TextField
        label={t("new")}
        description={`${t("rule")} ${t("others")}`}
        type="password"
        autoComplete="new-password"
        autoFocus={!hasOld}
        value={fresh}
        onChange={setFresh}
        error={isWeak ? t("weak") : null}
      />
    </FormDialog>
  );
}
