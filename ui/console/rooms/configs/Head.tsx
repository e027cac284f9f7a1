/** Which alert a config is for, and whether it is in force. */
import { useState } from "react";
import { ComboBox, Switch, TextField } from "../../kit";
import { useText } from "../../language";
import type { Alert } from "./api";
import styles from "./Configs.module.css";
import { useForm } from "./form";
import { text } from "./messages";
import type { JsonObject } from "./model/json";
import { Place } from "./Place";

export interface HeadProps {
  isNew: boolean;
  alerts: readonly Alert[];
  value: JsonObject;
  onAlert: (name: string) => void;
}

export function Head({ isNew, alerts, value, onAlert }: HeadProps) {
  const t = useText(text);
  const { change, errorAt } = useForm();
  const [hadId] = useState(value.id !== undefined);
  const known = alerts.find((one) => one.name === value.name);
  return (
    <section className={styles.section}>
      <Place path={["name"]}>
        <ComboBox
          label={t("alertLabel")}
          description={known?.description || t("alertHint")}
          options={alerts.map((one) => ({ value: one.name, label: one.name, description: t("alertKnown", { n: one.configs }) }))}
          value={typeof value.name === "string" ? value.name : ""}
          onChange={onAlert}
          error={errorAt(["name"])}
          isRequired
        />
      </Place>
      {(isNew || hadId) && (
        <Place path={["id"]}>
          <TextField
            label={t("idLabel")}
            description={t("idHint")}
            value={typeof value.id === "string" ? value.id : ""}
            onChange={(next) => change(["id"], next || undefined)}
            error={errorAt(["id"])}
            mono
          />
        </Place>
      )}
      <Switch value={value.enabled !== false} onChange={(on) => change(["enabled"], on)} description={t("enabledHint")}>
        {t("enabledLabel")}
      </Switch>
    </section>
  );
}
