/**
 * One person's inbox without a face: what is known of it, its counts, lists that stay true, and acts that show at once,
 * are put back when the server refuses them, and can be undone. For the console and the elements alike.
 *
 *     const inbox = new Inbox(http, stream);      const end = inbox.open();
 *     const list = inbox.list({ view: "unread" });
 *     useSyncExternalStore(list.subscribe, list.snapshot);   // the same objects until something changes
 *     await inbox.act("archive", [id]);           await inbox.undo();
 */
import { type Act, asked, type Counts, type Entry, type Filter, isUnread, type Marks, marksOf, NO_COUNTS, type Severity } from "./entries";
import type { Http } from "./http";
import { newId } from "./ids";
import { InboxList, type Page, type Source } from "./inboxList";
import type { Problem } from "./problem";
import type { Follower, Item, TopicEvent } from "./stream";

export type { Act, Counts, Entry, Filter, View } from "./entries";
export type { InboxList, ListSnapshot, Row } from "./inboxList";

/** What was done, for the line that offers to undo it. `more`: there were others that one act may not touch. */
export interface Done {
  act: Act;
  touched: number;
  more: boolean;
}

/** What the store needs of a stream. */
export interface Following {
  follow(topic: string, follower: Follower): () => void;
}

interface Undoable extends Done {
  ids: readonly string[];
  /** Those known here, as they were before. */
  before: ReadonlyMap<string, Marks>;
}

interface ActAnswer {
  touched: number;
  more: boolean;
  as_of: string;
  /** false: it goes on by itself, and is heard of when it is asked for again. */
  done?: boolean;
}

const PATH = "/api/v1/inbox";
/** Ids that one request may name. */
const IDS_AT_ONCE = 1000;
const UNDOABLE = 10;
/** Counts are asked for at most once in this time. */
const COUNT_EVERY_MS = 400;
/** A burst of changes is drawn once. */
const FRAME_MS = 16;
/** An act that the server has carried out is heard of by the stream within this time. */
const HEARD_MS = 2_000;
/** Without a connection an act waits and is tried again. */
const RETRY_MS = 2_000;

/** How many an act on all that match now would touch; with its `asOf` it touches exactly these. */
export async function preview(http: Http, act: Act, filter: Filter): Promise<Done & { asOf: string }> {
  const { touched, more, as_of } = await http.post<ActAnswer>(`${PATH}/acts`, { act, filter: asked(filter), dry_run: true });
  return { act, touched, more, asOf: as_of };
}

export class Inbox implements Source {
  private known = new Map<string, Entry>();
  /** Marks of acts that are on their way, over what the server has told. */
  private marks = new Map<string, Marks>();
  private readonly seen = new Map<string, Entry>();
  private readonly lists = new Set<InboxList>();
  private readonly listeners = new Set<() => void>();
  private total: Counts = NO_COUNTS;
  private readonly past: Undoable[] = [];
  private sending = 0;
  private turn: Promise<unknown> = Promise.resolve();
  /** Acts that wait for the connection: what is heard again wakes them. */
  private readonly waiting = new Set<() => void>();
  private isOpen = false;
  private countedAt = -Infinity;
  private timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly http: Http,
    private readonly stream: Following,
  ) {}

  /** Follow the changes; returns the function that ends it and forgets everything. */
  open(): () => void {
    this.isOpen = true;
    this.count();
    const end = this.stream.follow("inbox", {
      onSnapshot: (items, gap) => this.restart(items, gap),
      onEvent: (event) => this.hear(event),
    });
    return () => {
      end();
      this.forget();
      this.tell();
    };
  }

  /** Told when counts change, or what can be undone. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Unread entries; the same object until they change. */
  readonly counts = (): Counts => this.total;

  /** The last act that can be undone. */
  readonly undoable = (): Done | undefined => this.past.at(-1);

  /** A list, loading its first page; `close` it at the end. */
  list(filter: Filter, size?: number): InboxList {
    const list = new InboxList(this, filter, size);
    this.lists.add(list);
    void list.refresh();
    return list;
  }

  drop(list: InboxList): void {
    this.lists.delete(list);
  }

  entry(id: string): Entry | undefined {
    const base = this.known.get(id);
    const marks = this.marks.get(id);
    if (!base || !marks) return base;
    const shown = this.seen.get(id);
    if (shown) return shown;
    const made = { ...base, ...marks };
    this.seen.set(id, made);
    return made;
  }

  learn(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.known.set(entry.id, entry);
      this.seen.delete(entry.id);
    }
  }

  async load(query: Parameters<Source["load"]>[0], signal: AbortSignal): Promise<Page> {
    return this.http.get<Page>(PATH, query, signal);
  }

  /** Mark these entries. Shown at once. Throws Problem when the server will not; then all is as before. */
  async act(act: Act, ids: readonly string[]): Promise<Done> {
    const bodies = [];
    for (let start = 0; start < ids.length; start += IDS_AT_ONCE) bodies.push({ act, ids: ids.slice(start, start + IDS_AT_ONCE) });
    return this.carryOut(act, ids, bodies);
  }

  /** Mark all that match and came up to `asOf`, also those that are not loaded. */
  async actOnAll(act: Act, filter: Filter, asOf: string): Promise<Done> {
    const shown = [...this.lists].find((list) => list.filter === filter)?.snapshot().rows ?? [];
    const ids = shown.filter(({ entry }) => entry.position <= Number(asOf)).map(({ entry }) => entry.id);
    return this.carryOut(act, ids, [{ act, filter: asked(filter), as_of: asOf }]);
  }

  /** Put back exactly what the last act changed. Answers what was undone; undefined when there is nothing. */
  undo(): Promise<Done | undefined> {
    return this.inTurn(() => this.undoLast());
  }

  private async undoLast(): Promise<Done | undefined> {
    const last = this.past.pop();
    if (!last) return undefined;
    const before = this.mark(last.before);
    try {
      for (const id of last.ids) await this.untilDone(`${PATH}/acts/${id}/undo`, {});
    } catch (problem) {
      this.mark(before);
      this.past.push(last);
      throw problem;
    } finally {
      this.settle(before.keys());
    }
    return last;
  }

  /** Somebody takes care of it; there is no way back. */
  async acknowledge(id: string, note?: string): Promise<Entry> {
    const entry = await this.http.post<Entry>(`${PATH}/${encodeURIComponent(id)}/acknowledge`, note ? { note } : {});
    this.put(entry, true);
    this.tell();
    return entry;
  }

  private async carryOut(act: Act, ids: readonly string[], bodies: readonly object[]): Promise<Done> {
    const at = new Date().toISOString();
    const changes = new Map<string, Marks>();
    for (const id of ids) {
      const entry = this.entry(id);
      const marks = entry && marksOf(entry, act, at);
      if (marks) changes.set(id, marks);
    }
    const before = this.mark(changes);
    try {
      return await this.inTurn(() => this.deliver(act, bodies, before));
    } catch (problem) {
      this.mark(before);
      throw problem;
    } finally {
      this.settle(changes.keys());
    }
  }

  private async deliver(act: Act, bodies: readonly object[], before: ReadonlyMap<string, Marks>): Promise<Done> {
    const acts = bodies.map((body) => ({ id: newId(), ...body }));
    const done = { act, touched: 0, more: false };
    for (const one of acts) {
      const { touched, more } = await this.untilDone<ActAnswer>(`${PATH}/acts`, one);
      done.touched += touched;
      done.more ||= more;
    }
    if (done.touched > 0) this.past.push({ ...done, ids: acts.map(({ id }) => id).reverse(), before });
    if (this.past.length > UNDOABLE) this.past.shift();
    return done;
  }

  /** One after the other, as they were done: an undo is about the act before it, and takes place after it. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** A long act is answered before its end, after some seconds: asked again, it is the same act. */
  private async untilDone<T extends { done?: boolean }>(path: string, body: object): Promise<T> {
    for (;;) {
      const answer = await this.send<T>(path, body);
      if (answer?.done !== false) return answer;
    }
  }

  /** With its id the same act can be sent again and again; it is done once. */
  private async send<T>(path: string, body: object): Promise<T> {
    this.sending++;
    try {
      for (;;) {
        try {
          return await this.http.post<T>(path, body);
        } catch (problem) {
          const { offline, status } = problem as Problem;
          if ((!offline && status !== 503) || !this.isOpen) throw problem;
          await new Promise<void>((resolve) => {
            this.waiting.add(resolve);
            setTimeout(resolve, RETRY_MS);
          });
        }
      }
    } finally {
      this.sending--;
    }
  }

  /** Lay marks over what is known, and show it; returns how the same entries were marked before. */
  private mark(changes: ReadonlyMap<string, Marks>): ReadonlyMap<string, Marks> {
    const before = new Map<string, Marks>();
    for (const [id, marks] of changes) {
      const was = this.entry(id);
      if (!was) continue;
      before.set(id, Object.fromEntries(Object.keys(marks).map((name) => [name, was[name as keyof Marks]])));
      this.marks.set(id, { ...this.marks.get(id), ...marks });
      this.seen.delete(id);
      this.recount(was, this.entry(id));
      for (const list of this.lists) list.consider(id, true);
    }
    this.tell();
    return before;
  }

  /** The server has answered: soon the stream has told everything, and marks are not needed any more. */
  private settle(ids: Iterable<string>): void {
    const laid = [...ids].map((id) => [id, this.marks.get(id)] as const);
    this.count();
    setTimeout(() => {
      for (const [id, marks] of laid) if (this.marks.get(id) === marks) this.unmark(id); // else a later act laid its own
      this.tell();
    }, HEARD_MS);
  }

  private unmark(id: string): void {
    if (!this.marks.delete(id)) return;
    this.seen.delete(id);
    for (const list of this.lists) list.consider(id, true);
  }

  private restart(items: readonly Item[], gap: boolean): void {
    for (const { data } of items) this.put(data as unknown as Entry, false);
    if (gap) for (const list of this.lists) void list.refresh();
    this.heard();
  }

  private hear({ key, data, action }: TopicEvent): void {
    const id = key.slice(key.indexOf("/") + 1);
    const before = this.entry(id);
    if (data) {
      this.put(data as unknown as Entry, false);
      if (before !== undefined || action === "created") this.recount(before, this.entry(id));
    } else {
      this.known.delete(id);
      this.unmark(id);
      for (const list of this.lists) list.consider(id, false);
      this.recount(before, undefined);
    }
    this.heard();
  }

  private heard(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
    this.count();
    this.tellSoon();
  }

  /** What the server tells of an entry. Marks that it agrees with have arrived. */
  private put(entry: Entry, own: boolean): void {
    const marks = this.marks.get(entry.id);
    const agrees = marks && Object.entries(marks).every(([name, value]) => (entry[name as keyof Marks] === null) === (value === null));
    if (agrees) this.marks.delete(entry.id);
    this.learn([entry]);
    for (const list of this.lists) list.consider(entry.id, own || agrees === true);
  }

  /** What is certain is counted at once; the server's count follows. */
  private recount(before: Entry | undefined, after: Entry | undefined): void {
    const by = { ...this.total.by_severity };
    const change = (entry: Entry | undefined, by_one: number) => {
      if (entry && isUnread(entry)) by[entry.severity] = Math.max(0, by[entry.severity] + by_one);
    };
    change(before, -1);
    change(after, 1);
    this.setCounts({ ...this.total, by_severity: by, unread: Object.values(by).reduce((sum, one) => sum + one, 0) });
  }

  private setCounts(counts: Counts): void {
    const same = (Object.keys(counts.by_severity) as Severity[]).every((name) => counts.by_severity[name] === this.total.by_severity[name]);
    if (!same || counts.exact !== this.total.exact) this.total = counts;
  }

  private count(): void {
    this.once("count", Math.max(0, this.countedAt + COUNT_EVERY_MS - Date.now()), async () => {
      this.countedAt = Date.now();
      const counts = await this.http.get<Counts>(`${PATH}/counts`).catch(() => null); // the next change asks again
      if (counts === null) return;
      if (this.sending > 0) return; // it may be older than what is on its way; its answer asks again
      this.setCounts(counts);
      this.tell();
    });
  }

  private tellSoon(): void {
    this.once("tell", FRAME_MS, () => this.tell());
  }

  private tell(): void {
    for (const list of this.lists) list.tell();
    for (const listener of this.listeners) listener();
  }

  private once(name: string, wait: number, what: () => void): void {
    if (this.timers.has(name)) return;
    const run = () => {
      this.timers.delete(name);
      what();
    };
    this.timers.set(name, setTimeout(run, wait));
  }

  private forget(): void {
    this.isOpen = false;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.known = new Map();
    this.marks = new Map();
    this.seen.clear();
    this.past.length = 0;
    this.total = NO_COUNTS;
  }
}
