/**
 * One list of an inbox that stays true while somebody looks at it. It never moves what is being looked at by itself:
 * while it is `held`, what arrives waits and is only counted. What does not match any more stays for a while, dimmed;
 * what somebody else took out stays as long as the list is held, so that it is in its place when they put it back.
 */
import { asked, type Entry, type Filter, matches } from "./entries";
import type { Problem } from "./problem";

export interface Row {
  entry: Entry;
  /** Does not match the filter any more, and goes soon. */
  leaving: boolean;
}

/** What is shown; the same object until something changes. */
export interface ListSnapshot {
  rows: readonly Row[];
  /** How many wait to be shown. */
  waiting: number;
  loading: "first" | "more" | null;
  problem: Problem | null;
  /** Nothing older is left to be loaded. */
  ended: boolean;
  /** Up to where this is the truth: the bound of an act on all that match. */
  asOf: string | null;
}

export interface Page {
  items: Entry[];
  next: string | null;
  as_of: string;
}

/** What a list needs of the inbox. */
export interface Source {
  /** The entry as it is shown now: with the marks that are on their way. */
  entry(id: string): Entry | undefined;
  learn(entries: readonly Entry[]): void;
  load(query: Record<string, string | number | readonly string[]>, signal: AbortSignal): Promise<Page>;
  /** The list is not looked at any more. */
  drop(list: InboxList): void;
}

const LEAVES_MS = 5_000;
/** A window of the server may hold few that match: so many are asked for before a page is called complete. */
const WINDOWS_AT_ONCE = 5;

export class InboxList {
  private shown = new Set<string>();
  private waiting = new Set<string>();
  /** Rows that go when their time is over; null: it is over, and they go when the list is let go. */
  private leaving = new Map<string, ReturnType<typeof setTimeout> | null>();
  private rows = new Map<string, Row>();
  private next: string | null = null;
  private lowest = Infinity;
  private ended = false;
  private asOf: string | null = null;
  private loading: ListSnapshot["loading"] = null;
  private problem: Problem | null = null;
  private turn = new AbortController();
  private cached: ListSnapshot | undefined;
  private readonly listeners = new Set<() => void>();
  private isHeld = false;
  /** What changed while a page was on its way: the page may be older. */
  private readonly meanwhile = new Set<string>();
  /** The entry that is open beside the list: it stays, whatever becomes of it. */
  private kept: string | null = null;

  constructor(
    private readonly source: Source,
    readonly filter: Filter,
    private readonly size = 50,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): ListSnapshot => (this.cached ??= this.made());

  /** Load the newest anew; what is shown stays until they are there. */
  readonly refresh = (): Promise<void> => this.loadFrom(null);

  readonly loadMore = async (): Promise<void> => {
    if (this.loading === null && !this.ended && this.asOf !== null) await this.loadFrom(this.next);
  };

  /** While held nothing moves by itself: the reader is not at the top, or has a row under the focus or the pointer. */
  hold(held: boolean): void {
    this.isHeld = held;
    if (held) return;
    for (const [id, timer] of this.leaving) if (timer === null) this.remove(id);
    this.take();
  }

  /** Show what waits. */
  readonly take = (): void => {
    this.admitWaiting();
    this.tell();
  };

  keep(id: string | null): void {
    const before = this.kept;
    this.kept = id;
    if (before !== null && before !== id) this.consider(before, this.shown.has(before));
  }

  /** An entry is new or another than before. `own`: by an act of this page, which may take and insert rows at once. */
  consider(id: string, own: boolean): void {
    if (this.loading !== null) this.meanwhile.add(id);
    const entry = this.source.entry(id);
    const fits = entry !== undefined && matches(entry, this.filter);
    if (!fits && !this.shown.has(id) && !this.waiting.has(id)) return;
    if (entry === undefined) this.remove(id);
    else if (fits) this.admit(entry, own);
    else if (this.shown.has(id)) this.dismiss(entry, own);
    else this.waiting.delete(id);
    this.changed();
  }

  /** Tell the listeners, as after `consider` of several. */
  tell(): void {
    if (this.cached === undefined) for (const listener of this.listeners) listener();
  }

  close(): void {
    this.turn.abort();
    for (const id of this.leaving.keys()) this.stay(id);
    this.source.drop(this);
  }

  private admit(entry: Entry, own: boolean): void {
    this.stay(entry.id);
    if (this.shown.has(entry.id) || this.asOf === null || entry.position < this.lowest) return;
    if (this.isHeld && !own && this.shown.size > 0) this.waiting.add(entry.id);
    else this.shown.add(entry.id);
  }

  private dismiss(entry: Entry, own: boolean): void {
    const archived = (entry.archived_at !== null) !== (this.filter.view === "archived");
    if (own && archived && this.filter.view !== "all") return this.remove(entry.id);
    if (this.leaving.has(entry.id) || this.kept === entry.id) return;
    const timer = setTimeout(() => {
      if (this.isHeld && !own) return void this.leaving.set(entry.id, null);
      this.remove(entry.id);
      this.tell();
    }, LEAVES_MS);
    this.leaving.set(entry.id, timer);
  }

  private stay(id: string): void {
    clearTimeout(this.leaving.get(id) ?? undefined);
    this.leaving.delete(id);
  }

  private remove(id: string): void {
    this.stay(id);
    this.shown.delete(id);
    this.waiting.delete(id);
    this.rows.delete(id);
    this.changed();
  }

  private changed(): void {
    this.cached = undefined;
    if (!this.isHeld || this.shown.size === 0) this.admitWaiting(); // in an empty list nothing can be moved
  }

  private admitWaiting(): void {
    if (this.waiting.size === 0) return; // nothing has changed
    for (const id of this.waiting) this.shown.add(id);
    this.waiting.clear();
    this.cached = undefined;
  }

  private async loadFrom(next: string | null): Promise<void> {
    this.turn.abort();
    const { signal } = (this.turn = new AbortController());
    this.meanwhile.clear();
    this.begin(next === null ? "first" : "more");
    try {
      for (let cursor = next, windows = 0, found = 0; ; windows++) {
        const page = await this.source.load({ ...asked(this.filter), limit: this.size, ...(cursor ? { next: cursor } : {}) }, signal);
        if (signal.aborted) return;
        this.append(page, cursor === null);
        found += page.items.length;
        cursor = page.next;
        if (cursor === null || found > 0 || windows >= WINDOWS_AT_ONCE) break;
      }
    } catch (problem) {
      if (signal.aborted) return;
      this.problem = problem as Problem;
    }
    this.loading = null;
    this.changed();
    this.tell();
  }

  private begin(loading: "first" | "more"): void {
    this.loading = loading;
    this.problem = null;
    this.changed();
    this.tell();
  }

  private append(page: Page, first: boolean): void {
    this.source.learn(page.items.filter(({ id }) => !this.meanwhile.has(id)));
    if (first) this.clear(page.as_of);
    for (const { id } of page.items) this.shown.add(id);
    this.next = page.next;
    this.ended = page.next === null;
    this.lowest = this.ended ? -Infinity : Number(page.next);
    for (const id of this.meanwhile) this.consider(id, false);
  }

  private clear(asOf: string): void {
    for (const id of this.leaving.keys()) this.stay(id);
    const kept = this.kept !== null && this.shown.has(this.kept) ? [this.kept] : [];
    this.shown = new Set(kept);
    this.waiting.clear();
    this.asOf = asOf;
  }

  private made(): ListSnapshot {
    const entries = [...this.shown].map((id) => this.source.entry(id)).filter((entry) => entry !== undefined);
    entries.sort((one, other) => other.position - one.position);
    return {
      rows: entries.map((entry) => this.row(entry)),
      waiting: this.waiting.size,
      loading: this.loading,
      problem: this.problem,
      ended: this.ended,
      asOf: this.asOf,
    };
  }

  /** Rows are the same objects while nothing about them changed, so that only what changed is drawn anew. */
  private row(entry: Entry): Row {
    const leaving = this.leaving.has(entry.id);
    const known = this.rows.get(entry.id);
    if (known?.entry === entry && known.leaving === leaving) return known;
    const row = { entry, leaving };
    this.rows.set(entry.id, row);
    return row;
  }
}
