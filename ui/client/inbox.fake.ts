/** The inbox service as tests see it: one person's entries, and the stream that tells of them. */
import type { Entry } from "./entries";
import type { Http } from "./http";
import { Problem } from "./problem";
import type { Follower } from "./stream";

export const entry = (position: number, more: Partial<Entry> = {}): Entry => ({
  id: `n${position}`, alert: "disk", key: null, config: null, status: "firing", severity: "warning", title: `Notice ${position}`,
  message: "", entity: null, url: null, labels: {}, actions: [], count: 1, position, recipient: "ann", starts_at: null,
  ends_at: null, created_at: "2026-11-21T00:00:00Z", updated_at: "2026-11-21T00:00:00Z", read_at: null,
  acknowledged_at: null, archived_at: null, ...more,
}); // prettier-ignore

/** The server as the store sees it; a test holds back requests or answers, or has them fail. */
export class Server {
  entries = new Map<string, Entry>();
  acts: Record<string, unknown>[] = [];
  undone: string[] = [];
  failing: Problem | null = null;
  away = false;
  /** Requests on their way to the server: what they answer is decided when they arrive. */
  held: (() => void)[] | null = null;
  /** Answers on their way back: each says what was true when it was asked for. */
  late: (() => void)[] | null = null;
  follower!: Follower;
  private place = 0;

  readonly http = {
    get: async (path: string, query: Record<string, unknown>) => {
      await this.gate();
      if (this.away) throw new Problem(0, "offline", "away");
      const answer = path.endsWith("/counts") ? this.counts() : this.page(query);
      if (this.late) await new Promise<void>((resolve) => this.late?.push(resolve));
      return answer;
    },
    post: async (path: string, body: Record<string, unknown>) => {
      await this.gate();
      if (this.failing) throw this.failing;
      if (path.endsWith("/acknowledge")) return this.acknowledged(path.split("/").at(-2) as string);
      if (path.endsWith("/undo")) return void this.undone.push(path.split("/").at(-2) as string);
      this.acts.push(body);
      return { touched: (body.ids as string[] | undefined)?.length ?? 7, more: false, as_of: "9" };
    },
  } as unknown as Http;

  readonly stream = {
    follow: (_: string, follower: Follower) => {
      this.follower = follower;
      return () => undefined;
    },
  };

  add(...entries: Entry[]): void {
    for (const one of entries) this.entries.set(one.id, one);
  }

  tell(one: Entry, action: "created" | "updated" | "deleted" = "created"): void {
    if (action === "deleted") this.entries.delete(one.id);
    else this.add(one);
    const event = { topic: "inbox", key: `ann/${one.id}`, action, at: "", cursor: `e:${++this.place}` };
    this.follower.onEvent(action === "deleted" ? event : { ...event, data: { ...one } }, false);
  }

  /** A snapshot. `gap`: changes before it were lost. */
  tellAll(gap: boolean): void {
    const items = [...this.entries.values()].map((data) => ({ key: `ann/${data.id}`, data: { ...data }, at: "" }));
    this.follower.onSnapshot?.(items, gap);
  }

  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const one of held) one();
  }

  /** The answers that are on their way; the next ones are not kept. */
  answers(): (() => void)[] {
    const late = this.late ?? [];
    this.late = null;
    return late;
  }

  private gate(): Promise<void> {
    return this.held ? new Promise((resolve) => this.held?.push(resolve)) : Promise.resolve();
  }

  private acknowledged(id: string): Entry {
    const at = "2026-11-21T00:00:01Z";
    const one = { ...(this.entries.get(id) as Entry), read_at: at, acknowledged_at: at };
    this.add(one);
    return one;
  }

  private counts() {
    const by_severity = { info: 0, success: 0, warning: 0, error: 0, critical: 0 };
    const unread = [...this.entries.values()].filter((one) => !one.read_at && !one.archived_at);
    for (const one of unread) by_severity[one.severity]++;
    return { unread: unread.length, by_severity, exact: true };
  }

  private page({ view, limit, next }: Record<string, unknown>) {
    const all = [...this.entries.values()].filter((one) => view === "all" || (!one.archived_at && (view === "inbox" || !one.read_at)));
    const rest = all.sort((a, b) => b.position - a.position).filter((one) => !next || one.position < Number(next));
    const items = rest.slice(0, limit as number).map((one) => ({ ...one }));
    return { items, next: rest.length > items.length ? String(items.at(-1)?.position) : null, as_of: "99" };
  }
}
