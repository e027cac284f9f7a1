/** A one-time link signs in by itself; when it does not, the person learns why and can go on with a password. */
import type { Problem } from "@client/problem";
import { useEffect, useState } from "react";
import { useText } from "../../language";
import { Button } from "../../kit";
import { byLink, enter, sentence } from "./enter";
import { text } from "./messages";
import { Refusal } from "./Refusal";
import styles from "./SignIn.module.css";

export function ByLink({ link, onFailed }: { link: string; onFailed: () => void }) {
  const t = useText(text);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    byLink(link).then(enter, setProblem);
  }, [link]);
  if (problem === null) {
    return (
      <>
        <h1>{t("byLink")}</h1>
        <p className={styles.lead} role="status" aria-busy="true">
          …
        </p>
      </>
    );
  }
  return (
    <>
      <h1>{t("title")}</h1>
      <Refusal>{sentence(t, problem, "linkUsed")}</Refusal>
      <p className={styles.lead}>{t("linkHint")}</p>
      <Button onPress={onFailed}>{t("toSignIn")}</Button>
    </>
  );
}
