/** Off until it is switched on; that click is what lets the browser play at all. */
import { Volume2 } from "lucide-react";
import { useId } from "react";
import { choose, useChoice } from "../../choices";
import { Checkbox, IconButton, Switch, useSeverityWord } from "../../kit";
import { useText } from "../../language";
import { sample } from "../../toasts/sound";
import { text } from "./messages";
import { Section } from "./Section";
import styles from "./Settings.module.css";

const HEARD = ["critical", "error", "warning", "info", "success"];

export function Sound() {
  const t = useText(text);
  const on = useChoice("sound");
  const volume = useChoice("volume");
  const switchOn = (next: boolean) => {
    choose("sound", next);
    if (next) sample("critical", volume);
  };
  return (
    <Section title={t("sound")}>
      <Switch value={on} onChange={switchOn} description={t("soundHelp")}>
        {t("soundOn")}
      </Switch>
      {on && (
        <>
          <Volume />
          <Severities volume={volume} />
        </>
      )}
    </Section>
  );
}

function Volume() {
  const t = useText(text);
  const id = useId();
  const volume = useChoice("volume");
  return (
    <p className={styles.volume}>
      <label htmlFor={id}>{t("volume")}</label>
      <input
        id={id}
        type="range"
        min={5}
        max={100}
        step={5}
        value={Math.round(volume * 100)}
        onChange={(event) => choose("volume", Number(event.target.value) / 100)}
        onPointerUp={() => sample("critical", volume)}
      />
      <span aria-hidden>{Math.round(volume * 100)} %</span>
    </p>
  );
}

function Severities({ volume }: { volume: number }) {
  const t = useText(text);
  const word = useSeverityWord();
  const heard = useChoice("soundFor");
  const set = (severity: string, on: boolean) => choose("soundFor", HEARD.filter((one) => (one === severity ? on : heard.includes(one))));
  return (
    <fieldset className={styles.severities}>
      <legend>{t("soundFor")}</legend>
      {HEARD.map((severity) => (
        <div key={severity} className={styles.severity}>
          <Checkbox value={heard.includes(severity)} onChange={(on) => set(severity, on)}>
            {word(severity)}
          </Checkbox>
          <IconButton
            label={t("listen", { severity: word(severity) })}
            icon={<Volume2 size={16} aria-hidden />}
            onPress={() => sample(severity, volume)}
          />
        </div>
      ))}
    </fieldset>
  );
}
