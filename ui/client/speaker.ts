/**
 * What is said aloud of new notices. Several that come together are one announcement, and there is one in three seconds
 * at most: a screen reader that talks all the time is switched off.
 */
export interface News {
  severity: string;
  title: string;
}

export interface SpeakerOptions {
  /** Says one notice, or how many there are. `urgent`: it may interrupt. */
  say: (news: readonly News[], urgent: boolean) => void;
  now?: () => number;
}

/** So long it must have been quiet, … */
const QUIET_MS = 700;
/** … unless the first has waited as long as this; also the least time between two announcements. */
const PATIENCE_MS = 3_000;
const BETWEEN_URGENT_MS = 10_000;

export class Speaker {
  private waiting: News[] = [];
  private firstAt = 0;
  private spokeAt = -Infinity;
  private urgentAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly now: () => number;

  constructor(private readonly options: SpeakerOptions) {
    this.now = options.now ?? Date.now;
  }

  add(news: News): void {
    const now = this.now();
    if (this.waiting.length === 0) this.firstAt = now;
    this.waiting.push(news);
    const quiet = Math.min(now + QUIET_MS, this.firstAt + PATIENCE_MS);
    const due = Math.max(quiet, this.spokeAt + PATIENCE_MS);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.speak(), due - now);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.waiting = [];
  }

  private speak(): void {
    const now = this.now();
    const critical = this.waiting.some((news) => news.severity === "critical");
    const urgent = critical && now - this.urgentAt >= BETWEEN_URGENT_MS;
    if (urgent) this.urgentAt = now;
    this.spokeAt = now;
    const news = this.waiting;
    this.waiting = [];
    this.options.say(news, urgent);
  }
}
