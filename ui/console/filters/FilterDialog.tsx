/** Filters that are set together: an alert, a state, an entity, a time. */
import { useState } from "react";
import { FormDialog, Select, TextField } from "../kit";
import { useText } from "../language";
import styles from "./FilterDialog.module.css";
import { text } from "./messages";
import type { Search } from "./search";

const ANY = "any";

export interface FilterDialogProps {
  search: Search;
  /** Whether it can be narrowed to one person's notices. */
  asksRecipient?: boolean;
  change: (changes: Search) => void;
  onClose: () => void;
}

export function FilterDialog({ search, asksRecipient = false, change, onClose }: FilterDialogProps) {
  const t = useText(text);
  const [alert, setAlert] = useState(search.alert ?? "");
  const [state, setState] = useState(search.state ?? ANY);
  const [topic, setTopic] = useState(search.topic ?? "");
  const [entity, setEntity] = useState(search.entity ?? "");
  const [who, setWho] = useState(search.who ?? "");
  const [from, setFrom] = useState(localOf(search.from));
  const [to, setTo] = useState(localOf(search.to));
  const lacksTopic = entity.trim() !== "" && topic.trim() === "";
  const apply = () => {
    if (lacksTopic) return;
    const text = (value: string) => value.trim() || undefined;
    change({
      alert: text(alert), who: text(who), topic: text(topic), entity: text(entity), from: isoOf(from), to: isoOf(to),
      state: state === ANY ? undefined : state,
    }); // prettier-ignore
    onClose();
  };
  return (
    <FormDialog onClose={onClose} title={t("filters")} submitLabel={t("apply")} onSubmit={apply} isLight>
      <div className={styles.fields}>
        <TextField label={t("alert")} value={alert} onChange={setAlert} mono autoFocus />
        <Select
          label={t("state")}
          value={state}
          onChange={setState}
          options={[ANY, "firing", "resolved"].map((value) => ({ value, label: t(value as "any" | "firing" | "resolved") }))}
        />
        <TextField label={t("topic")} value={topic} onChange={setTopic} mono error={lacksTopic ? t("entityNeedsTopic") : null} />
        <TextField label={t("entity")} value={entity} onChange={setEntity} mono />
        {asksRecipient && <TextField label={t("recipient")} value={who} onChange={setWho} mono />}
        <Moment label={t("from")} value={from} onChange={setFrom} />
        <Moment label={t("to")} value={to} onChange={setTo} />
      </div>
    </FormDialog>
  );
}

function Moment({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <label className={styles.moment}>
      {label}
      <input type="datetime-local" value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

/** RFC 3339 → what a field for local times holds. */
function localOf(iso: string | undefined): string {
  const at = new Date(iso ?? "");
  if (Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function isoOf(local: string): string | undefined {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
