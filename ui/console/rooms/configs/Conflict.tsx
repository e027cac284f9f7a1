/** Somebody was faster: what differs, field by field, and whose shall count. Nothing is sent from here. */
import { useState } from "react";
import { Button, RadioGroup } from "../../kit";
import { useText } from "../../language";
import styles from "./Configs.module.css";
import { placeName } from "./Differences";
import { text } from "./messages";
import { differences, type Json, type JsonObject, partsOf, put } from "./model/json";

interface Props {
  mine: JsonObject;
  theirs: JsonObject;
  /** What both began from, when it is known: what only they changed is theirs to begin with. */
  base: JsonObject | null;
  onDecide: (value: JsonObject) => void;
}

type Choice = "mine" | "theirs";

export function Conflict({ mine, theirs, base, onDecide }: Props) {
  const t = useText(text);
  const found = differences(theirs, mine);
  const mineAlone = new Set(base ? differences(base, mine).map((one) => one.path) : found.map((one) => one.path));
  const [choices, setChoices] = useState<Record<string, Choice>>({});
  const choiceOf = (path: string): Choice => choices[path] ?? (mineAlone.has(path) ? "mine" : "theirs");
  const decide = () =>
    onDecide(found.reduce<Json>((value, one) => (choiceOf(one.path) === "mine" ? put(value, partsOf(one.path), one.after) : value), theirs) as JsonObject);
  return (
    <section className={styles.conflict} role="alert" aria-label={t("conflictTitle")}>
      <h2>{t("conflictTitle")}</h2>
      <p>{t("conflictLead")}</p>
      {found.map((one) => (
        <RadioGroup
          key={one.path}
          label={placeName(one.path)}
          options={[
            { value: "mine", label: `${t("mine")}: ${words(one.after, t("unset"))}` },
            { value: "theirs", label: `${t("theirs")}: ${words(one.before, t("unset"))}` },
          ]}
          value={choiceOf(one.path)}
          onChange={(choice) => setChoices({ ...choices, [one.path]: choice as Choice })}
        />
      ))}
      <div className={styles.buttons}>
        <Button variant="primary" onPress={decide}>
          {t("goOn")}
        </Button>
        <Button onPress={() => onDecide(theirs)}>{t("takeTheirs")}</Button>
      </div>
    </section>
  );
}

function words(value: Json | undefined, unset: string): string {
  return value === undefined ? unset : typeof value === "string" ? value : JSON.stringify(value);
}
