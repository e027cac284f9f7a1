import { Button, FilterChips, RemovableChip, Select, TextField } from "../../kit";
import { useText } from "../../language";
import { useTyped } from "../../filters/typed";
import { useAddress } from "../operate/address";
import { FILTERS, isNarrowed, PERIODS, periodOf, STATUSES, statusOf } from "./choice";
import styles from "./deliveries.module.css";
import { text } from "./messages";

/** What narrows the list; all of it stands in the address. `withStatus`: the dead letters have but one. */
export function Filters({ channels, withStatus }: { channels: readonly string[]; withStatus: boolean }) {
  const t = useText(text);
  const { search, change } = useAddress();
  const words = { "": t("anyTime"), "1h": t("last1h"), "24h": t("last24h"), "7d": t("last7d") };
  const status = statusOf(search);
  return (
    <div className={styles.filters} role="search">
      <Find />
      <Select
        label={t("channel")}
        value={search.channel ?? ""}
        onChange={(channel) => change({ channel: channel || undefined })}
        options={[{ value: "", label: t("anyChannel") }, ...channels.map((name) => ({ value: name, label: name }))]}
      />
      <Select
        label={t("period")}
        value={periodOf(search)}
        onChange={(period) => change({ period: period || undefined })}
        options={PERIODS.map((period) => ({ value: period, label: words[period] }))}
      />
      {withStatus && (
        <FilterChips
          single
          label={t("state")}
          value={status ? [status] : []}
          onChange={([chosen]) => change({ status: chosen })}
          options={STATUSES.filter((one) => one !== "dead").map((one) => ({ value: one, label: t(one) }))}
        />
      )}
      <Chosen />
    </div>
  );
}

/** Asks when the typing rests; the address changes without a step back for each letter. */
function Find() {
  const t = useText(text);
  const { search, change } = useAddress();
  const [typed, setTyped] = useTyped(search.q ?? "", (q) => change({ q: q || undefined }, { replace: true }));
  return <TextField type="search" label={t("find")} value={typed} onChange={setTyped} maxLength={200} />;
}

/** What narrows and has no field of its own, and the way out of all of it. */
function Chosen() {
  const t = useText(text);
  const { search, change } = useAddress();
  if (!isNarrowed(search)) return null;
  const notice = search.notice && t("filterNotice", { id: search.notice });
  return (
    <div className={styles.chosen}>
      {notice && (
        <RemovableChip removeLabel={t("removeFilter", { name: notice })} onRemove={() => change({ notice: undefined })}>
          {notice}
        </RemovableChip>
      )}
      <Button
        size="small"
        variant="quiet"
        onPress={() => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}
      >
        {t("clear")}
      </Button>
    </div>
  );
}
