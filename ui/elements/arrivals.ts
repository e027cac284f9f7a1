/** What is news in the topic `inbox`: an entry that is new, or one that became more severe. */
import { type Entry, isUnread } from "@client/entries";
import type { Client } from "@client/shared";
import { rankOf } from "@shared/severity";

export interface ArrivalsEvents {
  onNews: (entry: Entry) => void;
  /** News that came while the connection was cut, all at once. */
  onMissed: (entries: readonly Entry[]) => void;
  /** It was read, archived or resolved, here or elsewhere: nobody needs to be told any more. */
  onOver: (id: string) => void;
}

/** Late changes come in one go; when none has come for so long, it was all of them. */
const GATHER_MS = 200;
/** A take-over between tabs delays a change by a moment: what is as young as this was not missed. */
const YOUNG_MS = 5_000;

export function watchArrivals(client: Client, { onNews, onMissed, onOver }: ArrivalsEvents): () => void {
  const ranks = new Map<string, number>();
  let missed = new Map<string, Entry>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const note = (entry: Entry): boolean => {
    const before = ranks.get(entry.id);
    const rank = rankOf(entry.severity);
    ranks.set(entry.id, rank);
    return before === undefined || rank > before;
  };
  const tellMissed = () => {
    const entries = [...missed.values()];
    missed = new Map();
    onMissed(entries);
  };
  const late = (entry: Entry) => {
    missed.set(entry.id, entry);
    clearTimeout(timer);
    timer = setTimeout(tellMissed, GATHER_MS);
  };
  const hear = (entry: Entry, isLate: boolean) => {
    const isNews = note(entry) && isUnread(entry) && entry.status === "firing";
    if (isNews && isLate && Date.now() - Date.parse(entry.updated_at) > YOUNG_MS) late(entry);
    else if (isNews) onNews(entry);
    else if (!isUnread(entry) || entry.status === "resolved") {
      missed.delete(entry.id);
      onOver(entry.id);
    }
  };

  const end = client.follow("inbox", {
    onSnapshot: (items, gap) => {
      for (const { data } of items) {
        const entry = data as unknown as Entry;
        if (gap) hear(entry, true);
        else note(entry);
      }
    },
    onEvent: (event, isLate) => event.data && hear(event.data as unknown as Entry, isLate),
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}
