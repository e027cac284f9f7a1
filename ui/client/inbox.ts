/**
 * One person's inbox without a face: what is known of it, its counts, lists that stay true, and acts that show at once,
 * are put back when the server refuses them, and can be undone. For the console and the elements alike.
 *
 *     const inbox = new Inbox(http, stream);      const end = inbox.open();
 *     const list = inbox.list({ view: "unread" });
 *     useSyncExternalStore(list.subscribe, list.snapshot);   // the same objects until something changes
 *     await inbox.act("archive", [id]);           await inbox.undo();
 */
import { Acts, type Deed, type Done, piecesOf } from "./acts";
import { type Act, asked, type Counts, type Entry, type Filter, type Marks, marksOf } from "./entries";
import type { Http } from "./http";
import { InboxList, type Page, type Source } from "./inboxList";
import { Known } from "./known";
import type { Follower, Item, TopicEvent } from "./stream";
import { Tally } from "./tally";

export { type Done, preview } from "./acts";
export type { Act, Counts, Entry, Filter, View } from "./entries";
export type { InboxList, ListSnapshot, Row } from "./inboxList";

/** What the store needs of a stream. */
export interface Following {
  follow(topic: string, follower: Follower): () => void;
}

interface Undoable extends Deed {
  /** Those known here, as they were before. */
  before: ReadonlyMap<string, Marks>;
}

const PATH = "/api/v1/inbox";
const UNDOABLE = 10;
/** A burst of changes is drawn once. */
const FRAME_MS = 16;
/** An act that the server has carried out is heard of by the stream within this time. */
const HEARD_MS = 2_000;

export class Inbox implements Source {
  private readonly known = new Known();
  private readonly tally: Tally;
  private readonly acts: Acts;
  private readonly past: Undoable[] = [];
  private readonly lists = new Set<InboxList>();
  private readonly listeners = new Set<() => void>();
  private frame: ReturnType<typeof setTimeout> | undefined;
  /** Unread entries; the same object until they change. */
  readonly counts: () => Counts;

  constructor(
    private readonly http: Http,
    private readonly stream: Following,
  ) {
    this.acts = new Acts(http);
    this.tally = new Tally(() => this.askCounts(), () => this.tell());
    this.counts = this.tally.now;
  }

  /** Follow the changes; returns the function that ends it and forgets everything. */
  open(): () => void {
    this.acts.open(true);
    this.tally.check();
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
    return this.known.entry(id);
  }

  learn(entries: readonly Entry[]): void {
    for (const entry of entries) this.known.learn(entry);
  }

  async load(query: Parameters<Source["load"]>[0], signal: AbortSignal): Promise<Page> {
    return this.http.get<Page>(PATH, query, signal);
  }

  /** Mark these entries. Shown at once. Throws Problem when the server will not; then all is as before. */
  async act(act: Act, ids: readonly string[]): Promise<Done> {
    return this.carryOut(act, ids, piecesOf(ids));
  }

  /** Mark all that match and came up to `asOf`, also those that are not loaded. */
  async actOnAll(act: Act, filter: Filter, asOf: string): Promise<Done> {
    const shown = [...this.lists].find((list) => list.filter === filter)?.snapshot().rows ?? [];
    const ids = shown.filter(({ entry, leaving }) => !leaving && entry.position <= Number(asOf)).map(({ entry }) => entry.id);
    return this.carryOut(act, ids, [{ filter: asked(filter), as_of: asOf }]);
  }

  /** Put back exactly what the last act changed. Answers what was undone; undefined when there is nothing. */
  undo(): Promise<Done | undefined> {
    return this.acts.inTurn(async () => {
      const last = this.past.pop();
      if (last) await this.showing(last.before, () => this.acts.undo(last)).catch((problem: unknown) => this.keep(last, problem));
      return last;
    });
  }

  private keep(undone: Undoable, problem: unknown): never {
    this.past.push(undone);
    throw problem;
  }

  /** Somebody takes care of it; there is no way back. */
  async acknowledge(id: string, note?: string): Promise<Entry> {
    const entry = await this.http.post<Entry>(`${PATH}/${encodeURIComponent(id)}/acknowledge`, note ? { note } : {});
    this.put(entry, true);
    this.tally.outdate();
    this.heard(true);
    this.tell();
    return entry;
  }

  private carryOut(act: Act, ids: readonly string[], pieces: readonly object[]): Promise<Done> {
    const at = new Date().toISOString();
    const changes = new Map<string, Marks>();
    for (const id of ids) {
      const entry = this.entry(id);
      const marks = entry && marksOf(entry, act, at);
      if (marks) changes.set(id, marks);
    }
    return this.showing(changes, (before) =>
      this.acts.inTurnOrNow(async () => {
        const deed = await this.acts.carryOut(act, pieces);
        if (deed.touched > 0) this.past.push({ ...deed, before });
        if (this.past.length > UNDOABLE) this.past.shift();
        return deed;
      }),
    );
  }

  /** Shows changes while they are on their way; when the server will not, all is as before. */
  private async showing<T>(changes: ReadonlyMap<string, Marks>, send: (before: ReadonlyMap<string, Marks>) => Promise<T>): Promise<T> {
    const before = this.mark(changes);
    try {
      return await send(before);
    } catch (problem) {
      this.mark(before);
      throw problem;
    } finally {
      this.settle(changes.keys());
    }
  }

  /** Lay marks over what is known, and show it; returns how the same entries were marked before. */
  private mark(changes: ReadonlyMap<string, Marks>): ReadonlyMap<string, Marks> {
    const before = new Map<string, Marks>();
    this.tally.outdate();
    for (const [id, marks] of changes) {
      const was = this.entry(id);
      const were = this.known.mark(id, marks);
      if (!were) continue;
      before.set(id, were);
      this.tally.move(was, this.entry(id));
      for (const list of this.lists) list.consider(id, true);
    }
    this.tell();
    return before;
  }

  /** The server has answered: soon the stream has told everything, and marks are not needed any more. */
  private settle(ids: Iterable<string>): void {
    const laid = [...ids].map((id) => [id, this.known.marked(id)] as const);
    this.tally.outdate();
    this.tally.check();
    setTimeout(() => {
      for (const [id, marks] of laid) if (this.known.marked(id) === marks) this.unmark(id); // else a later act laid its own
      this.tell();
    }, HEARD_MS);
  }

  private unmark(id: string): void {
    if (this.known.unmark(id)) for (const list of this.lists) list.consider(id, true);
  }

  private restart(items: readonly Item[], gap: boolean): void {
    for (const { data } of items) this.put(data as unknown as Entry);
    if (gap) for (const list of this.lists) void list.refresh();
    this.heard(false);
  }

  private hear({ key, data, action }: TopicEvent): void {
    const id = key.slice(key.indexOf("/") + 1);
    if (data) return this.heard(this.put(data as unknown as Entry, false, action === "created"));
    const before = this.entry(id);
    this.known.drop(id);
    this.unmark(id);
    for (const list of this.lists) list.consider(id, false);
    this.tally.move(before, undefined);
    this.heard(before !== undefined);
  }

  private heard(isCertain: boolean): void {
    this.acts.wake();
    this.tally.check(isCertain);
    this.frame ??= setTimeout(() => this.tell(), FRAME_MS);
  }

  /** What the server tells of an entry; answers whether it is certain what that does to the counts. */
  private put(entry: Entry, own = false, isNew = false): boolean {
    const before = this.entry(entry.id);
    const agrees = this.known.hear(entry);
    const isCertain = before !== undefined || isNew;
    if (isCertain) this.tally.move(before, this.entry(entry.id));
    for (const list of this.lists) list.consider(entry.id, own || agrees);
    return isCertain;
  }

  /** null while an act is on its way: its answer asks again. */
  private async askCounts(): Promise<Counts | null> {
    const counts = await this.http.get<Counts>(`${PATH}/counts`);
    return this.acts.isBusy ? null : counts;
  }

  private tell(): void {
    clearTimeout(this.frame);
    this.frame = undefined;
    for (const list of this.lists) list.tell();
    for (const listener of this.listeners) listener();
  }

  private forget(): void {
    this.acts.open(false);
    this.tally.clear();
    this.known.clear();
    this.past.length = 0;
    clearTimeout(this.frame);
  }
}
