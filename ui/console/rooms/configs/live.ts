/** How live changes of configs and recipients get into what is shown. */
import { queries } from "../../session";
import { TOO_EARLY, useSoon } from "../../soon";
import { alertsQuery, type Config, MOST, type Recipient, recipientsQuery, troublesQuery } from "./api";
import { belongs, forgetConfig, knownLists, knownOnes, rememberConfig } from "./known";
import { type Told, useTold } from "./told";

const SOON_MS = 500;

/** A config that is told goes into what is shown; what is made of many things is asked for again, once for a burst. */
export function useLiveConfigs(): void {
  const refresh = useSoon(() => {
    if (queries.isFetching({ queryKey: ["configs"] }) > 0) return TOO_EARLY; // an answer on its way may be older
    void queries.invalidateQueries({ queryKey: troublesQuery.queryKey });
    void queries.invalidateQueries({ queryKey: ["configs", "revisions"] });
    return queries.invalidateQueries({ queryKey: alertsQuery.queryKey });
  }, SOON_MS);
  useTold("config", ["configs"], isOlder, (event) => {
    if (event.action === "deleted" || !event.data) forgetConfig(event.key);
    else rememberConfig(event.data as unknown as Config);
    refresh();
  });
  useTold("recipient", ["recipients"], differs, () => {
    void queries.invalidateQueries({ queryKey: ["recipients"] });
    refresh();
  });
}

/** Whether a config that is shown has changed or gone, or one is missing in a list that is whole. */
function isOlder(told: Told): boolean {
  const lists = knownLists();
  const shown: { id: string; revision?: number }[] = [...lists.flatMap(({ items }) => items), ...knownOnes()];
  return (
    shown.some(({ id, revision = 0 }) => !told.has(id) || Number(told.get(id)?.revision) > revision) ||
    lists.some(({ filters, whole, items }) => whole && [...told].some(([id, one]) => items.every((item) => item.id !== id) && belongs(one as unknown as Config, filters)))
  );
}

/** Recipients have no revision: whether they are not the same any more. */
function differs(told: Told): boolean {
  const known = queries.getQueryData(recipientsQuery.queryKey);
  const same = (one: Recipient) => Object.entries(told.get(one.id) ?? {}).every(([name, value]) => JSON.stringify(one[name as keyof Recipient]) === JSON.stringify(value));
  return known !== undefined && ((known.length < MOST && known.length !== told.size) || known.some((one) => !told.has(one.id) || !same(one)));
}
