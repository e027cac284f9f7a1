/** The parts of a list's head that narrow it: search, severities, the other filters, and what is in force. */
import type { Severity as SeverityWord } from "@client/entries";
import { ListFilter, Search as Glass, X } from "lucide-react";
import { type Ref, Suspense, useState } from "react";
import { Button, FilterChips, RemovableChip, Severity, useSeverityWord } from "../kit";
import { useText } from "../language";
import { part } from "../parts";
import styles from "./Filters.module.css";
import { text } from "./messages";
import { cleared, FILTERS, type Search, SEVERITIES } from "./search";
import { useTyped } from "./typed";

type Change = (changes: Search, options?: { replace?: boolean }) => void;

const FilterDialog = part(() => import("./FilterDialog").then((file) => ({ default: file.FilterDialog })));

/** The list follows the typing, a moment later. */
export function SearchField({ search, change, field }: { search: Search; change: Change; field?: Ref<HTMLInputElement> }) {
  const t = useText(text);
  const [typed, setTyped] = useTyped(search.q ?? "", (q) => change({ q: q || undefined }, { replace: true }));
  return (
    <label className={styles.search}>
      <Glass size={16} aria-hidden />
      <input
        ref={field}
        type="search"
        aria-label={t("search")}
        aria-keyshortcuts="/"
        placeholder={t("searchHint")}
        value={typed}
        maxLength={200}
        onChange={(event) => setTyped(event.target.value)}
      />
    </label>
  );
}

export function FilterButton(props: { search: Search; change: Change; asksRecipient?: boolean }) {
  const t = useText(text);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon={<ListFilter size={14} aria-hidden />} onPress={() => setOpen(true)}>
        {t("filters")}
      </Button>
      <Suspense>{isOpen && <FilterDialog {...props} onClose={() => setOpen(false)} />}</Suspense>
    </>
  );
}

export function Severities({ value, change, counts }: { value: readonly SeverityWord[]; change: Change; counts?: Record<SeverityWord, number> }) {
  const t = useText(text);
  const word = useSeverityWord();
  return (
    <FilterChips
      label={t("severity")}
      value={value}
      onChange={(chosen) => change({ sev: SEVERITIES.filter((one) => chosen.includes(one)).join(",") || undefined })}
      options={SEVERITIES.map((one) => ({
        value: one,
        label: word(one),
        icon: <Severity value={one} iconOnly size={14} />,
        count: counts?.[one] || undefined,
      }))}
    />
  );
}

const LABELS = { alert: "alert", state: "state", topic: "topic", entity: "entity", from: "from", to: "to", who: "recipient" } as const;

/** The filters that have no switch of their own, what in the address was not understood, and a way out. */
export function Narrowed({ search, ignored, change }: { search: Search; ignored: readonly string[]; change: Change }) {
  const t = useText(text);
  const remove = (name: string) => change(name === "topic" ? { topic: undefined, entity: undefined } : { [name]: undefined });
  if (ignored.length === 0 && !FILTERS.some((name) => search[name])) return null;
  const shown = (Object.keys(LABELS) as (keyof typeof LABELS)[]).filter((name) => search[name] && !ignored.includes(name));
  return (
    <div className={styles.chips}>
      {shown.map((name) => (
        <RemovableChip key={name} removeLabel={t("remove", { name: t(LABELS[name]) })} onRemove={() => remove(name)}>
          {t(LABELS[name])}: {wordsOf(name, search[name] ?? "", t)}
        </RemovableChip>
      ))}
      {ignored.map((name) => (
        <RemovableChip key={name} removeLabel={t("remove", { name })} onRemove={() => change({ [name]: undefined })}>
          {t("ignored", { name })}
        </RemovableChip>
      ))}
      <Button variant="quiet" size="small" icon={<X size={14} aria-hidden />} onPress={() => change(cleared())}>
        {t("clear")}
      </Button>
    </div>
  );
}

function wordsOf(name: string, value: string, t: (key: "firing" | "resolved") => string): string {
  if (name === "from" || name === "to") return new Date(value).toLocaleString(document.documentElement.lang);
  return name === "state" ? t(value as "firing" | "resolved") : value;
}
