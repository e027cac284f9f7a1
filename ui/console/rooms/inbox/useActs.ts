/** Acts on notices as the room does them: shown at once, told in words, and with a way back. */
import type { Act, Done, Filter } from "@client/inbox";
import { nameOf } from "@client/entries";
import { useCallback, useRef, useState } from "react";
import { useText } from "../../language";
import { announce } from "../../shell/announce";
import { inbox } from "../../unread/store";
import { text } from "./messages";

const DID = { read: "didRead", unread: "didUnread", archive: "didArchive", unarchive: "didUnarchive" } as const;

export interface Acts {
  /** `quiet`: no line about it, since what was done can be seen. */
  act: (act: Act, ids: readonly string[], quiet?: boolean) => Promise<void>;
  actOnAll: (act: Act, filter: Filter, asOf: string) => Promise<void>;
  undo: () => Promise<void>;
  /** What was just done and can be undone. */
  did: string | null;
  failed: string | null;
  close: () => void;
}

export function useActs(): Acts {
  const t = useText(text);
  const [did, setDid] = useState<string | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const undos = useRef(0);
  const close = useCallback(() => {
    setDid(null);
    setFailed(null);
  }, []);

  const carryOut = async (doing: Promise<Done>, quiet: boolean, complaint: (reason: string) => string) => {
    setFailed(null);
    const before = undos.current;
    try {
      const { act, touched, more } = await doing;
      const words = t(DID[act], { n: touched });
      const isUndone = undos.current !== before; // before the server had answered: a second undo would be of something else
      if (touched > 0 && !quiet && !isUndone) setDid(more ? t("didMore", { did: words }) : words);
    } catch (problem) {
      setFailed(complaint((problem as Error).message));
      announce(complaint((problem as Error).message), "assertive");
    }
  };
  return {
    act: (act, ids, quiet = false) => {
      const [first] = ids;
      const entry = ids.length === 1 && first !== undefined ? inbox.entry(first) : undefined;
      const complaint = (reason: string) =>
        entry ? t("actFailed", { title: nameOf(entry), reason }) : t("actsFailed", { n: ids.length, reason });
      return carryOut(inbox.act(act, ids), quiet, complaint);
    },
    actOnAll: (act, filter, asOf) => carryOut(inbox.actOnAll(act, filter, asOf), false, (reason) => t("undoFailed", { reason })),
    undo: async () => {
      undos.current++;
      setDid(null);
      try {
        announce(t((await inbox.undo()) ? "undone" : "nothingToUndo"));
      } catch (problem) {
        setFailed(t("undoFailed", { reason: (problem as Error).message }));
      }
    },
    did,
    failed,
    close,
  };
}
