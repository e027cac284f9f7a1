/** The list of a filter. While another one is loaded, the one before stays to be seen. */
import type { Filter, InboxList, ListSnapshot } from "@client/inbox";
import { useEffect, useState, useSyncExternalStore } from "react";
import { inbox } from "../../unread/store";

const NOTHING: ListSnapshot = { rows: [], waiting: 0, loading: "first", problem: null, ended: false, asOf: null };
const nothing = () => NOTHING;
const never = () => () => undefined;

export interface Listed {
  list: InboxList | null;
  snapshot: ListSnapshot;
  /** What is shown is not yet what is asked for. */
  isStale: boolean;
}

export function useList(filter: Filter): Listed {
  const [list, setList] = useState<InboxList | null>(null);
  const asked = JSON.stringify(filter);
  useEffect(() => {
    const made = inbox.list(JSON.parse(asked) as Filter);
    const settle = () => {
      const { asOf, problem } = made.snapshot();
      if (asOf !== null || problem) setList(made);
    };
    const end = made.subscribe(settle);
    return () => {
      end();
      made.close();
    };
  }, [asked]);
  const snapshot = useSyncExternalStore(list?.subscribe ?? never, list?.snapshot ?? nothing);
  return { list, snapshot, isStale: list === null || JSON.stringify(list.filter) !== asked };
}
