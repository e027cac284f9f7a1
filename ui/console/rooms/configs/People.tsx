/** Recipients by name: who is chosen, and a list to add from. */
import { RemovableChip, Select } from "../../kit";
import { useText } from "../../language";
import type { Recipient } from "./api";
import styles from "./Configs.module.css";
import { text } from "./messages";

export interface PeopleProps {
  label: string;
  people: readonly Recipient[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  /** The channel they must have an address for. */
  channel?: string;
}

export const nameOf = (people: readonly Recipient[], id: string): string => people.find((one) => one.id === id)?.name || id;

export function People({ label, people, value, onChange, channel }: PeopleProps) {
  const t = useText(text);
  const left = people.filter((one) => !value.includes(one.id));
  const options = left.map((one) => ({
    value: one.id,
    label: one.name || one.id,
    description: channel ? (one.addresses?.[channel] ?? t("noAddress", { name: one.name || one.id, channel })) : one.id,
  }));
  return (
    <div className={styles.people} role="group" aria-label={label}>
      {value.length > 0 && (
        <ul className={styles.chips} aria-label={label}>
          {value.map((id) => (
            <li key={id}>
              <RemovableChip removeLabel={t("removePerson", { name: nameOf(people, id) })} onRemove={() => onChange(value.filter((one) => one !== id))}>
                {nameOf(people, id)}
              </RemovableChip>
            </li>
          ))}
        </ul>
      )}
      <Select
        label={label}
        options={options}
        value={null}
        placeholder={people.length === 0 ? t("noPeople") : left.length === 0 ? t("allThere") : t("addPerson")}
        isDisabled={left.length === 0}
        onChange={(id) => onChange([...value, id])}
      />
    </div>
  );
}
