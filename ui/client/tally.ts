/**
 * How many entries are unread: what is certain is counted at once, and the server has the last word. Whatever happens is
 * followed by a question, so that the last answer is newer than all that was heard; an older one never replaces it.
 */
import { type Counts, type Entry, isUnread, NO_COUNTS, type Severity } from "./entries";
import type { Problem } from "./problem";
import { pause } from "./socket";

/** The server is asked when nothing has happened for so long, and at most once in this time. */
const QUIET_MS = 400;
/** A storm of new notices, which are counted here, is no storm of questions: in it the server is asked this often. */
const STORM_MS = 5_000;

export class Tally {
  private total: Counts = NO_COUNTS;
  private askedAt = -Infinity;
  /** When the next question is asked at the latest. */
  private latestAt = Infinity;
  private questions = 0;
  /** Answers to this question, and to those before it, are not news any more. */
  private past = 0;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `ask` answers null when another question will follow; `tell` is called after each answer. */
  constructor(
    private readonly ask: () => Promise<Counts | null>,
    private readonly tell: () => void,
  ) {}

  /** The same object until something changes. */
  readonly now = (): Counts => this.total;

  /** An entry became another one. */
  move(before: Entry | undefined, after: Entry | undefined): void {
    const by = { ...this.total.by_severity };
    const change = (entry: Entry | undefined, by_one: number) => {
      if (entry && isUnread(entry)) by[entry.severity] = Math.max(0, by[entry.severity] + by_one);
    };
    change(before, -1);
    change(after, 1);
    this.set({ ...this.total, by_severity: by, unread: Object.values(by).reduce((sum, one) => sum + one, 0) });
  }

  /** Compare with the server, soon; `isCertain`: it would say the same, as far as can be known here. */
  check(isCertain = false): void {
    const now = Date.now();
    if (this.latestAt <= now) return; // it is about to be asked
    this.latestAt = Math.min(this.latestAt, isCertain ? now + STORM_MS : Math.max(now, this.askedAt + QUIET_MS));
    this.askIn(Math.min(this.latestAt - now, QUIET_MS));
  }

  /** What the server was asked until now is about a past that an act has ended. */
  outdate(): void {
    this.past = this.questions;
  }

  clear(): void {
    clearTimeout(this.timer);
    this.latestAt = Infinity;
    this.total = NO_COUNTS;
    this.outdate();
  }

  private askIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.compare(), ms);
  }

  private async compare(): Promise<void> {
    const question = ++this.questions;
    this.askedAt = Date.now();
    this.latestAt = Infinity;
    try {
      const counts = await this.ask();
      this.failures = 0;
      if (counts === null || question <= this.past) return;
      this.past = question;
      this.set(counts);
      this.tell();
    } catch (problem) {
      const { status } = problem as Problem;
      const isOpen = question > this.past && this.latestAt === Infinity; // else another one answers it
      if (isOpen && status !== 401 && status !== 403) this.askIn(QUIET_MS + pause(this.failures++));
    }
  }

  private set(counts: Counts): void {
    const same = (Object.keys(counts.by_severity) as Severity[]).every((name) => counts.by_severity[name] === this.total.by_severity[name]);
    if (!same || counts.exact !== this.total.exact) this.total = counts;
  }
}
