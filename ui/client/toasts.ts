/**
 * Which toasts are shown, and for how long. A toast is a copy: what it says stands in the inbox, so nothing is lost
 * with it. Knows no screen: time goes in by `now` and `setTimer`.
 */
import { rankOf } from "@shared/severity";

export type ToastKind = "notice" | "digest" | "away";

export interface Toast {
  id: string;
  kind: ToastKind;
  severity: string;
  title: string;
  body: string;
  /** How many notices it stands for. */
  count: number;
  /** By severity; what a digest tells. */
  severities: Readonly<Record<string, number>>;
  at: number;
}

export interface Arrival {
  id: string;
  severity: string;
  title: string;
  body: string;
}

export interface Shown {
  toasts: readonly Toast[];
  /** Those that find no place. */
  more: number;
}

export interface QueueOptions {
  onChange: (shown: Shown) => void;
  /** Keeps every toast until it is dismissed. */
  stay?: () => boolean;
  /** Which severities stay in any case; by default an error and what is worse. */
  persists?: (severity: string) => boolean;
  /** How long the others are shown; by default as long as reading takes. */
  lasts?: (toast: Toast) => number;
  limit?: number;
  now?: () => number;
}

const LIMIT = 3;
const SHORTEST_MS = 6_000;
const PER_CHARACTER_MS = 50;
const LONGEST_MS = 14_000;
/** More than so many in so long is a storm: one toast tells of all. */
const STORM = 5;
const STORM_MS = 10_000;
const isGrave = (severity: string): boolean => rankOf(severity) >= rankOf("error");
export const DIGEST = "digest";
export const AWAY = "away";

/** How long a text is shown: nobody reads a long one in six seconds. */
export function durationOf({ title, body }: { title: string; body: string }): number {
  return Math.min(LONGEST_MS, SHORTEST_MS + (title.length + body.length) * PER_CHARACTER_MS);
}

interface Held {
  toast: Toast;
  /** Infinity: until it is dismissed. */
  left: number;
}

export class ToastQueue {
  private held: Held[] = [];
  private arrivals: number[] = [];
  private readonly pauses = new Set<string>();
  private since: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly now: () => number;
  private readonly persists: (severity: string) => boolean;

  constructor(private readonly options: QueueOptions) {
    this.persists = options.persists ?? isGrave;
    this.now = options.now ?? Date.now;
    this.since = this.now();
  }

  /** A new notice. In a storm it is added to the digest. */
  show(arrival: Arrival): void {
    this.pass();
    const now = this.now();
    this.arrivals = [...this.arrivals.filter((at) => at > now - STORM_MS), now];
    if (this.arrivals.length > STORM) {
      this.gather(DIGEST, [arrival, ...this.fleeting()]);
    } else {
      this.put({ ...arrival, kind: "notice", count: 1, severities: { [arrival.severity]: 1 }, at: now });
    }
    this.tell();
  }

  /** What came while nobody was connected: one summary, whatever came. */
  missed(arrivals: readonly Arrival[]): void {
    if (arrivals.length === 0) return;
    this.pass();
    this.gather(AWAY, arrivals);
    this.tell();
  }

  dismiss(id: string): void {
    this.pass();
    this.held = this.held.filter((one) => one.toast.id !== id);
    this.tell();
  }

  dismissAll(): void {
    this.held = [];
    this.tell();
  }

  /** Time stands still for all toasts while there is a reason: the pointer, the focus, a hidden page. */
  pause(reason: string): void {
    this.pass();
    this.pauses.add(reason);
    this.plan();
  }

  resume(reason: string): void {
    this.pass();
    this.pauses.delete(reason);
    this.plan();
  }

  /** After the person's choice about time limits has changed. */
  reconsider(): void {
    this.pass();
    this.held = this.held.map(({ toast }) => ({ toast, left: this.lifeOf(toast) }));
    this.tell();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Plain notices that go by themselves; those that stay are not taken from the screen by a storm. */
  private fleeting(): Arrival[] {
    const some = this.held.filter(({ toast }) => toast.kind === "notice" && !this.persists(toast.severity));
    this.held = this.held.filter((one) => !some.includes(one));
    return some.map(({ toast }) => toast);
  }

  private gather(id: typeof DIGEST | typeof AWAY, arrivals: readonly Arrival[]): void {
    const before = this.held.find((one) => one.toast.id === id)?.toast;
    const severities: Record<string, number> = { ...before?.severities };
    for (const { severity } of arrivals) severities[severity] = (severities[severity] ?? 0) + 1;
    const worst = Object.keys(severities).reduce((a, b) => (rankOf(b) > rankOf(a) ? b : a));
    const count = (before?.count ?? 0) + arrivals.length;
    this.put({ id, kind: id, severity: worst, title: "", body: "", count, severities, at: this.now() });
  }

  private put(toast: Toast): void {
    this.held = [{ toast, left: this.lifeOf(toast) }, ...this.held.filter((one) => one.toast.id !== toast.id)];
  }

  private lifeOf(toast: Toast): number {
    const { stay, lasts = durationOf } = this.options;
    return stay?.() || this.persists(toast.severity) ? Infinity : lasts(toast);
  }

  /** Take the time that went by from all that have some left. */
  private pass(): void {
    const now = this.now();
    const gone = this.pauses.size > 0 ? 0 : now - this.since;
    this.since = now;
    this.held = this.held.map((one) => ({ ...one, left: one.left - gone })).filter((one) => one.left > 0);
  }

  private tell(): void {
    const limit = this.options.limit ?? LIMIT;
    const stable = [...this.held].sort((a, b) => Number(b.left === Infinity) - Number(a.left === Infinity));
    this.options.onChange({ toasts: stable.slice(0, limit).map((one) => one.toast), more: Math.max(0, this.held.length - limit) });
    this.plan();
  }

  private plan(): void {
    clearTimeout(this.timer);
    const next = Math.min(...this.held.map((one) => one.left));
    if (this.pauses.size > 0 || !Number.isFinite(next)) return;
    this.timer = setTimeout(() => {
      this.pass();
      this.tell();
    }, next);
  }
}
