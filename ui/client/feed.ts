/**
 * One topic as this page knows it: its state, the place up to which it is true, and its last changes, so that another
 * tab can be brought up to date without a question to the server.
 */
export interface Item {
  key: string;
  data: Record<string, unknown>;
  at: string;
}

export interface TopicEvent {
  topic: string;
  key: string;
  action: "created" | "updated" | "deleted";
  /** Absent when the entity was deleted, or when the event says only that it changed. */
  data?: Record<string, unknown>;
  at: string;
  cursor: string;
}

/** An event on its way: `after` is the place before it, by which a hole is noticed; `late` marks what a cut delayed. */
export interface EventFrame extends TopicEvent {
  type: "event";
  after?: string;
  late?: boolean;
}

export interface SnapshotFrame {
  type: "snapshot";
  topic: string;
  items: readonly Item[];
  cursor: string;
  more: boolean;
}

export interface ResyncFrame {
  type: "resync";
  topic: string;
  reason: string;
}

export interface RefusalFrame {
  type: "error";
  topic: string;
  code: string;
  message: string;
}

export type TopicFrame = EventFrame | SnapshotFrame | ResyncFrame | RefusalFrame;

/** What a follower of a topic is told. */
export interface Follower {
  /** The whole state: it replaces what was held. `gap`: there were changes before it that nobody can tell any more. */
  onSnapshot?: (items: readonly Item[], gap: boolean) => void;
  /** One change. `late`: it happened while the connection was cut. */
  onEvent: (event: TopicEvent, late: boolean) => void;
  /** The topic may not be followed. */
  onRefused?: (code: string, message: string) => void;
}

const REMEMBERED = 512;

export class Feed {
  cursor: string | undefined;
  readonly followers = new Set<Follower>();
  /** Other tabs that want this topic from us. */
  readonly tabs = new Set<string>();
  private items = new Map<string, Item>();
  private pages: Item[] = [];
  private recent: EventFrame[] = [];
  private refusal: RefusalFrame | undefined;
  private lost = false;
  private asked = false;

  constructor(readonly topic: string) {}

  get wanted(): boolean {
    return this.followers.size + this.tabs.size > 0;
  }

  add(follower: Follower): void {
    this.followers.add(follower);
    if (this.refusal) follower.onRefused?.(this.refusal.code, this.refusal.message);
    else if (this.cursor !== undefined) follower.onSnapshot?.([...this.items.values()], false);
  }

  /** Whoever told us is gone: half a snapshot is worth nothing, and what we asked for will not come. */
  cut(): void {
    this.pages = [];
    this.asked = false;
  }

  /** Another person may come: nothing of this one's stays. */
  reset(): void {
    this.cursor = this.refusal = undefined;
    this.items = new Map();
    this.recent = [];
    this.lost = false;
    this.cut();
  }

  /** Takes a frame; returns what the other tabs are to hear of it, if anything, or "hole" when some are missing before it. */
  take(frame: TopicFrame): TopicFrame | "hole" | undefined {
    switch (frame.type) {
      case "event":
        return this.change(frame);
      case "snapshot":
        return this.replace(frame);
      case "resync":
        this.lost = true;
        return frame;
      case "error":
        this.refusal = frame;
        for (const follower of this.followers) follower.onRefused?.(frame.code, frame.message);
        return frame;
    }
  }

  /** What one who knows the topic up to `cursor` has to hear. */
  since(cursor: string | undefined): TopicFrame[] {
    if (this.refusal) return [this.refusal];
    if (this.cursor === undefined || cursor === this.cursor) return [];
    const first = this.recent.findIndex((event) => event.after === cursor);
    return cursor === undefined || first < 0
      ? [this.whole()]
      : this.recent.slice(first).map((event) => ({ ...event, late: true }));
  }

  private change(frame: EventFrame): EventFrame | "hole" | undefined {
    if (this.cursor === undefined || !isAfter(frame.cursor, this.cursor)) return undefined;
    if (frame.after !== undefined && frame.after !== this.cursor) return this.ask();
    const told = { ...frame, after: this.cursor };
    this.asked = false;
    this.cursor = frame.cursor;
    this.recent.push(told);
    if (this.recent.length > REMEMBERED) this.recent.splice(0, REMEMBERED / 2);
    if (frame.action === "deleted") this.items.delete(frame.key);
    else if (frame.data) this.items.set(frame.key, { key: frame.key, data: frame.data, at: frame.at });
    for (const follower of this.followers) follower.onEvent(told, told.late === true);
    return told;
  }

  private replace(frame: SnapshotFrame): SnapshotFrame | undefined {
    this.pages.push(...frame.items);
    if (frame.more) return undefined;
    const items = this.pages;
    this.pages = [];
    if (!this.lost && !isAfter(frame.cursor, this.cursor)) return undefined;
    const gap = this.cursor !== undefined;
    this.items = new Map(items.map((item) => [item.key, item]));
    this.recent = [];
    this.refusal = undefined;
    this.lost = this.asked = false;
    this.cursor = frame.cursor;
    for (const follower of this.followers) follower.onSnapshot?.(items, gap);
    return this.whole();
  }

  /** Once is enough: the answer brings all that is missing. */
  private ask(): "hole" | undefined {
    if (this.asked) return undefined;
    this.asked = true;
    return "hole";
  }

  private whole(): SnapshotFrame {
    const { topic, cursor = "" } = this;
    return { type: "snapshot", topic, items: [...this.items.values()], cursor, more: false };
  }
}

/** Whether a cursor `epoch:offset` is new to who has seen `seen`. */
export function isAfter(cursor: string, seen: string | undefined): boolean {
  if (seen === undefined) return true;
  const [epoch, offset] = cursor.split(":");
  const [seenEpoch, seenOffset] = seen.split(":");
  return epoch !== seenEpoch || Number(offset) > Number(seenOffset);
}
