import { Button, RemovableChip, Select } from "../../kit";
import { useText } from "../../language";
import type { AuditRecord } from "../administer/api";
import { useAddress } from "../operate/address";
import { ACTIONS, actionOf, choiceOf, CLEARED, isNarrowed } from "./choice";
import styles from "./audit.module.css";
import { text } from "./messages";
import { useNameOf } from "./who";

/** What narrows the trail; all of it stands in the address. */
export function Filters({ records }: { records: readonly AuditRecord[] }) {
  const t = useText(text);
  const { search, change } = useAddress();
  const actions = ACTIONS.map((action) => ({ value: action, label: t(`act_${action}`) }));
  return (
    <div className={styles.filters} role="search">
      <Select
        label={t("action")}
        value={actionOf(search) ?? ""}
        onChange={(action) => change({ action: action || undefined })}
        options={[{ value: "", label: t("anyAction") }, ...actions]}
      />
      {isNarrowed(search) && <Chosen records={records} />}
    </div>
  );
}

function Chosen({ records }: { records: readonly AuditRecord[] }) {
  const t = useText(text);
  const nameOf = useNameOf();
  const { search, change } = useAddress();
  const { by, about } = choiceOf(search);
  const nouns = records.flatMap((record) => [record.by, record.about]);
  const named = (id: string) => nameOf(nouns.find((one) => one?.id === id) ?? { id, name: "" });
  return (
    <div className={styles.chosen}>
      {by && (
        <RemovableChip removeLabel={t("removeFilter", { name: t("by") })} onRemove={() => change({ by: undefined })}>
          {t("by")}: {named(by)}
        </RemovableChip>
      )}
      {about && (
        <RemovableChip removeLabel={t("removeFilter", { name: t("about") })} onRemove={() => change({ about: undefined })}>
          {t("about")}: {named(about)}
        </RemovableChip>
      )}
      <Button size="small" variant="quiet" onPress={() => change(CLEARED)}>
        {t("clear")}
      </Button>
    </div>
  );
}
