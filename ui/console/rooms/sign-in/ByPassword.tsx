import type { Problem } from "@client/problem";
import { type FormEvent, useRef, useState } from "react";
import { Button, TextField } from "../../kit";
import { useText } from "../../language";
import { byPassword, enter, sentence } from "./enter";
import { text } from "./messages";
import { Refusal } from "./Refusal";
import styles from "./SignIn.module.css";

/** Login and password. What was typed stays when it was wrong. */
export function ByPassword() {
  const t = useText(text);
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [isTried, setTried] = useState(false);
  const [isPending, setPending] = useState(false);
  const [refusal, setRefusal] = useState("");
  const field = useRef<HTMLInputElement>(null);

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!login.trim() || !password || isPending) return;
    setPending(true);
    byPassword(login, password).then(enter, (problem: Problem) => {
      setPending(false);
      setRefusal(sentence(t, problem, "wrong"));
      field.current?.select();
    });
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <h1>{t("title")}</h1>
      <Refusal>{refusal}</Refusal>
      <TextField
        label={t("login")}
        name="username"
        autoComplete="username"
        autoFocus
        value={login}
        onChange={setLogin}
        error={isTried && !login.trim() ? t("missingLogin") : null}
      />
      <TextField
        label={t("password")}
        name="password"
        type="password"
        autoComplete="current-password"
        ref={field}
        value={password}
        onChange={setPassword}
        error={isTried && !password ? t("missingPassword") : null}
      />
      <Button type="submit" variant="primary" isPending={isPending}>
        {t("submit")}
      </Button>
      <p className={styles.hint}>{t("noPassword")}</p>
    </form>
  );
}
