/** Which notices are selected. What is not shown any more is not selected either. */
import type { Row } from "@client/inbox";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string, range?: boolean) => void;
  all: () => void;
  none: () => void;
}

export function useSelection(rows: readonly Row[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string | null>(null);
  const ids = useMemo(() => new Set(rows.map((row) => row.entry.id).filter((id) => chosen.has(id))), [rows, chosen]);
  const latest = useRef(rows);
  useEffect(() => {
    latest.current = rows;
  });
  const toggle = useCallback((id: string, range = false) => {
    const from = anchor.current;
    anchor.current = id;
    setChosen((before) => {
      const after = new Set(before);
      if (range && from !== null) for (const one of between(latest.current, from, id)) after.add(one);
      else if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  const none = useCallback(() => setChosen(new Set()), []);
  const all = useCallback(() => setChosen(new Set(latest.current.map((row) => row.entry.id))), []);
  return { ids, toggle, all, none };
}

function between(rows: readonly Row[], from: string, to: string): string[] {
  const places = [from, to].map((id) => rows.findIndex((row) => row.entry.id === id));
  if (places.includes(-1)) return [to];
  return rows.slice(Math.min(...places), Math.max(...places) + 1).map((row) => row.entry.id);
}
