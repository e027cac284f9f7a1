import type { Problem } from "@client/problem";
import { type FormEvent, useState } from "react";
import { Button, TextField } from "../../kit";
import { useText } from "../../language";
import { byInvite, enter, sentence } from "./enter";
import { text } from "./messages";
import { Refusal } from "./Refusal";
import styles from "./SignIn.module.css";

const SHORTEST = 10;

interface InvitedProps {
  invite: string;
  login: string | null;
  onOther: () => void;
}

/** Somebody was invited: they choose their password, and are in. */
export function Invited({ invite, login, onOther }: InvitedProps) {
  const t = useText(text);
  const [password, setPassword] = useState("");
  const [weak, setWeak] = useState(false);
  const [isPending, setPending] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);

  function submit(event: FormEvent) {
    event.preventDefault();
    setWeak(password.length < SHORTEST);
    if (password.length < SHORTEST || isPending) return;
    setPending(true);
    byInvite(invite, password).then(enter, (problem: Problem) => {
      setPending(false);
      setWeak(problem.status === 422);
      setRefused(problem.status === 422 ? null : problem);
    });
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <h1>{t("welcome")}</h1>
      <p className={styles.lead}>{login ? t("choose", { login }) : t("chooseYours")}</p>
      <Refusal>{refused && sentence(t, refused, "inviteUsed")}</Refusal>
      {/* For the password manager: whose password it keeps. */}
      <input className="visually-hidden" type="text" name="username" autoComplete="username" readOnly value={login ?? ""} tabIndex={-1} aria-hidden />
      <TextField
        label={t("newPassword")}
        description={t("rule")}
        name="password"
        type="password"
        autoComplete="new-password"
        autoFocus
        value={password}
        onChange={(value) => {
          setPassword(value);
          setWeak(false);
        }}
        error={weak ? t("weak") : null}
      />
      <Button type="submit" variant="primary" isPending={isPending}>
        {t("accept")}
      </Button>
      {refused?.status === 401 && <Button onPress={onOther}>{t("toSignIn")}</Button>}
    </form>
  );
}
