/** Said first what it is; the browser's own question comes only after a click. */
import { choose, useChoice } from "../../choices";
import { Button, Select, Switch, useSeverityWord } from "../../kit";
import { useText } from "../../language";
import { askPermission, showTrial, usePermission } from "../../toasts/desktop";
import { text } from "./messages";
import { Section } from "./Section";
import styles from "./Settings.module.css";

const LEVELS = ["info", "warning", "error", "critical"];

export function Desktop() {
  const t = useText(text);
  const permission = usePermission();
  return (
    <Section title={t("desktop")}>
      <p className={styles.help}>{t("desktopHelp")}</p>
      {permission === "unsupported" && <p className={styles.warning}>{t("desktopUnsupported")}</p>}
      {permission === "denied" && <p className={styles.warning}>{t("desktopDenied")}</p>}
      {permission === "default" && <Ask />}
      {permission === "granted" && <Allowed />}
    </Section>
  );
}

function Ask() {
  const t = useText(text);
  const ask = async () => {
    if ((await askPermission()) === "granted") choose("desktop", true);
  };
  return (
    <div>
      <Button onPress={() => void ask()}>{t("desktopAsk")}</Button>
    </div>
  );
}

function Allowed() {
  const t = useText(text);
  const word = useSeverityWord();
  const on = useChoice("desktop");
  const from = useChoice("desktopFrom");
  return (
    <>
      <Switch value={on} onChange={(next) => choose("desktop", next)}>
        {t("desktopOn")}
      </Switch>
      {on && (
        <>
          <Select
            label={t("desktopFrom")}
            options={LEVELS.map((value) => ({ value, label: word(value) }))}
            value={from}
            onChange={(value) => choose("desktopFrom", value)}
          />
          <div className={styles.trial}>
            <Button onPress={() => showTrial(t("desktopTrial"))}>{t("desktopTry")}</Button>
            <span className={styles.help}>{t("desktopTryHelp")}</span>
          </div>
        </>
      )}
    </>
  );
}
