/** What a person chooses for the browser in front of them. */
import { allZones, formatTime, zoneName } from "@shared/time";
import { useMemo } from "react";
import { type Choices, choose, useChoice } from "../../choices";
import { RadioGroup, Select, Switch, useNow } from "../../kit";
import { useLocale, useText } from "../../language";
import { Page } from "../../shell/Page";
import { Desktop } from "./Desktop";
import { text } from "./messages";
import { Section } from "./Section";
import { Sound } from "./Sound";

export default function DeviceRoom() {
  const t = useText(text);
  return (
    <Page title={t("title")} lead={t("lead")}>
      <Appearance />
      <Sound />
      <Desktop />
      <Section title={t("toasts")}>
        <Toggle name="toastsStay" label={t("stay")} help={t("stayHelp")} />
      </Section>
      <Section title={t("keyboard")}>
        <Toggle name="shortcuts" label={t("letters")} help={t("lettersHelp")} />
      </Section>
    </Page>
  );
}

function Toggle({ name, label, help }: { name: "toastsStay" | "shortcuts"; label: string; help: string }) {
  return (
    <Switch value={useChoice(name)} onChange={(on) => choose(name, on)} description={help}>
      {label}
    </Switch>
  );
}

function Appearance() {
  const t = useText(text);
  const languages = [
    { value: "auto", label: t("language_auto") },
    { value: "en", label: "English" },
    { value: "ru", label: "Русский" },
  ];
  return (
    <Section title={t("appearance")}>
      <Pick name="theme" label={t("theme")} options={(["auto", "light", "dark"] as const).map((value) => ({ value, label: t(`theme_${value}`) }))} />
      <Pick
        name="density"
        label={t("density")}
        options={(["auto", "comfortable", "compact"] as const).map((value) => ({ value, label: t(`density_${value}`) }))}
      />
      <Pick name="language" label={t("language")} options={languages} />
      <Zone />
    </Section>
  );
}

interface PickProps<Name extends keyof Choices> {
  name: Name;
  label: string;
  options: readonly { value: string; label: string }[];
}

function Pick<Name extends "theme" | "density" | "language">({ name, label, options }: PickProps<Name>) {
  return <RadioGroup label={label} options={options} value={useChoice(name)} onChange={(value) => choose(name, value as Choices[Name])} />;
}

function Zone() {
  const t = useText(text);
  const locale = useLocale();
  const zone = useChoice("timeZone");
  const now = useNow(0);
  const options = useMemo(
    () => [
      { value: "local", label: t("timeZone_local", { zone: zoneName("local") }) },
      ...allZones().map((value) => ({ value, label: value.replaceAll("_", " ") })),
    ],
    [t],
  );
  const help = t("timeZoneHelp", { now: formatTime(now, locale, zone, "full", now) });
  return <Select label={t("timeZone")} description={help} options={options} value={zone} onChange={(value) => choose("timeZone", value)} />;
}
