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

/** The list that was asked for before there was a page to show it on. */
let begun: InboxList | null = null;

/** Asks for a list ahead of the page; resolves when there is something to show. */
export function begin(filter: Filter): Promise<void> {
  const list = (begun = inbox.list(filter));
  return new Promise((resolve) => {
    const end = list.subscribe(() => {
      if (!isSettled(list)) return;
      end();
      if (list.snapshot().problem) taken(""); // who is not signed in yet gets a list of their own afterwards
      resolve();
    });
  });
}

function isSettled(list: InboxList): boolean {
  const { asOf, problem } = list.snapshot();
  return asOf !== null || problem !== null;
}

const isOf = (list: InboxList, asked: string): boolean => JSON.stringify(list.filter) === asked;

/** The list that was begun, if it is the one that is asked for; nobody gets it twice. */
function taken(asked: string): InboxList | null {
  const list = begun;
  begun = null;
  if (list === null || isOf(list, asked)) return list;
  list.close();
  return null;
}

export function useList(filter: Filter): Listed {
  const asked = JSON.stringify(filter);
  const [list, setList] = useState(() => (begun && isOf(begun, asked) && isSettled(begun) ? begun : null));
  useEffect(() => {
    const made = taken(asked) ?? inbox.list(JSON.parse(asked) as Filter);
    const settle = () => {
      if (isSettled(made)) setList(made);
    };
    settle();
    const end = made.subscribe(settle);
    return () => {
      end();
      made.close();
    };
  }, [asked]);
  const snapshot = useSyncExternalStore(list?.subscribe ?? never, list?.snapshot ?? nothing);
  return { list, snapshot, isStale: list === null || !isOf(list, asked) };
}
