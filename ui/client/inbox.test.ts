import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Entry } from "./entries";
import type { Http } from "./http";
import { Inbox } from "./inbox";
import { Problem } from "./problem";
import type { Follower } from "./stream";

const entry = (position: number, more: Partial<Entry> = {}): Entry => ({
  id: `n${position}`, alert: "disk", key: null, config: null, status: "firing", severity: "warning", title: `Notice ${position}`,
  message: "", entity: null, url: null, labels: {}, actions: [], count: 1, position, recipient: "ann", starts_at: null,
  ends_at: null, created_at: "2026-11-21T00:00:00Z", updated_at: "2026-11-21T00:00:00Z", read_at: null,
  acknowledged_at: null, archived_at: null, ...more,
}); // prettier-ignore

/** The server as the store sees it; a test holds back answers, or has them fail. */
class Server {
  entries = new Map<string, Entry>();
  acts: Record<string, unknown>[] = [];
  undone: string[] = [];
  failing: Problem | null = null;
  held: (() => void)[] | null = null;
  follower!: Follower;
  private place = 0;

  readonly http = {
    get: async (path: string, query: Record<string, unknown>) => {
      await this.gate();
      return path.endsWith("/counts") ? this.counts() : this.page(query);
    },
    post: async (path: string, body: Record<string, unknown>) => {
      await this.gate();
      if (this.failing) throw this.failing;
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

  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const one of held) one();
  }

  private gate(): Promise<void> {
    return this.held ? new Promise((resolve) => this.held?.push(resolve)) : Promise.resolve();
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

let server: Server;
let inbox: Inbox;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  inbox = new Inbox(server.http, server.stream);
  inbox.open();
});
afterEach(() => vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(1_000);

async function listOf(view: "inbox" | "unread" | "all" = "inbox", size = 50) {
  const list = inbox.list({ view }, size);
  list.subscribe(() => undefined);
  await settle();
  return { list, ids: () => list.snapshot().rows.map((row) => row.entry.id) };
}

describe("a list", () => {
  it("is newest first, whatever the order in which entries are heard of, and holds each once", async () => {
    server.add(entry(1), entry(3));
    const { ids } = await listOf();
    server.tell(entry(5));
    server.tell(entry(4));
    server.tell(entry(5, { count: 2 }), "updated");
    expect(ids()).toEqual(["n5", "n4", "n3", "n1"]);
  });

  it("goes on page by page, and leaves what is older than its pages to them", async () => {
    server.add(...[1, 2, 3, 4, 5].map((n) => entry(n)));
    const { list, ids } = await listOf("inbox", 2);
    server.tell(entry(2, { severity: "critical" }), "updated");
    expect(ids()).toEqual(["n5", "n4"]);
    await list.loadMore();
    await list.loadMore();
    expect(ids()).toEqual(["n5", "n4", "n3", "n2", "n1"]);
    expect(list.snapshot().ended).toBe(true);
  });

  it("counts what arrives while it is held, and shows it when it is let go", async () => {
    server.add(entry(1));
    const { list, ids } = await listOf();
    list.hold(true);
    server.tell(entry(2));
    server.tell(entry(3));
    expect([ids(), list.snapshot().waiting]).toEqual([["n1"], 2]);
    const told = vi.fn();
    list.subscribe(told);
    list.hold(false);
    expect(told).toHaveBeenCalledOnce();
    expect([ids(), list.snapshot().waiting]).toEqual([["n3", "n2", "n1"], 0]);
  });

  it("dims what does not match any more, then lets it go, unless it is open", async () => {
    server.add(entry(1), entry(2));
    const { list, ids } = await listOf("unread");
    list.keep("n2");
    for (const n of [1, 2]) server.tell(entry(n, { read_at: "2026-11-21T00:00:01Z" }), "updated");
    expect(list.snapshot().rows.map((row) => row.leaving)).toEqual([false, true]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(ids()).toEqual(["n2"]);
    list.keep(null);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(ids()).toEqual([]);
  });

  it("keeps what it heard while an older page was on its way", async () => {
    server.add(entry(1));
    const { list, ids } = await listOf();
    server.held = [];
    const loading = list.refresh();
    const release = server.held;
    server.held = null;
    server.follower.onEvent({ topic: "inbox", key: "ann/n2", action: "created", data: { ...entry(2) }, at: "", cursor: "e:1" }, false);
    server.follower.onEvent(
      { topic: "inbox", key: "ann/n1", action: "updated", data: { ...entry(1, { count: 9 }) }, at: "", cursor: "e:2" }, false,
    ); // prettier-ignore
    release.forEach((one) => one());
    await loading;
    expect(ids()).toEqual(["n2", "n1"]);
    expect(inbox.entry("n1")?.count).toBe(9);
  });

  it("is loaded anew after a gap", async () => {
    server.add(entry(1));
    const { ids } = await listOf();
    server.add(entry(2), entry(3));
    server.entries.delete("n1");
    server.follower.onSnapshot?.([], true);
    await settle();
    expect(ids()).toEqual(["n3", "n2"]);
    expect(inbox.counts().unread).toBe(2);
  });

  it("is the same snapshot, with the same rows, until something changes", async () => {
    server.add(entry(1), entry(2));
    const { list } = await listOf();
    const before = list.snapshot();
    expect(list.snapshot()).toBe(before);
    server.tell(entry(2, { count: 2 }), "updated");
    expect(list.snapshot().rows[1]).toBe(before.rows[1]);
    expect(list.snapshot().rows[0]).not.toBe(before.rows[0]);
  });
});

describe("an act", () => {
  it("shows at once, in lists and counts, and names its entries once", async () => {
    server.add(entry(1), entry(2));
    const { ids } = await listOf();
    server.held = [];
    void inbox.act("archive", ["n2"]);
    expect([ids(), inbox.counts().unread]).toEqual([["n1"], 1]);
    server.release();
    await vi.advanceTimersByTimeAsync(0);
    expect(server.acts).toMatchObject([{ act: "archive", ids: ["n2"] }]);
  });

  it("that is refused puts back its entries only, and says so", async () => {
    server.add(entry(1), entry(2));
    const { ids } = await listOf();
    await inbox.act("archive", ["n1"]);
    server.failing = new Problem(409, "conflict", "no");
    await expect(inbox.act("archive", ["n2"])).rejects.toThrow("no");
    expect([ids(), inbox.counts().unread]).toEqual([["n2"], 1]);
    expect(inbox.undoable()).toMatchObject({ act: "archive", touched: 1 });
  });

  it("waits for the connection, and is the same act when it is sent again", async () => {
    server.add(entry(1));
    const { ids } = await listOf();
    server.failing = new Problem(0, "offline", "away");
    const sent = vi.spyOn(server.http, "post");
    const acting = inbox.act("archive", ["n1"]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ids()).toEqual([]);
    server.failing = null;
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(acting).resolves.toMatchObject({ touched: 1 });
    expect(new Set(sent.mock.calls.map(([, body]) => (body as { id: string }).id)).size).toBe(1);
  });

  it("is not taken back by news that are older than it", async () => {
    server.add(entry(1));
    await listOf();
    await inbox.act("read", ["n1"]);
    server.tell(entry(1, { count: 2 }), "updated");
    expect(inbox.entry("n1")).toMatchObject({ count: 2, read_at: expect.any(String) as string });
    server.tell(entry(1, { count: 2, read_at: "2026-11-21T00:00:01Z" }), "updated");
    server.tell(entry(1, { count: 2 }), "updated");
    expect(inbox.entry("n1")?.read_at).toBeNull();
  });

  it("that is long is asked for until it is done, and is one act to undo", async () => {
    server.add(entry(1));
    const { list } = await listOf();
    const answers = [3, 5, 9].map((touched) => ({ touched, more: false, as_of: "9", done: touched === 9 }));
    const sent = vi.spyOn(server.http, "post").mockImplementation(() => Promise.resolve(answers.shift()));
    await expect(inbox.actOnAll("read", list.filter, "99")).resolves.toMatchObject({ touched: 9 });
    expect(new Set(sent.mock.calls.map(([, body]) => (body as { id: string }).id)).size).toBe(1);
    expect([sent.mock.calls.length, inbox.undoable()?.touched]).toEqual([3, 9]);
  });

  it("on all that match carries the filter and its bound", async () => {
    server.add(entry(1), entry(2));
    const { list } = await listOf("unread");
    await inbox.actOnAll("read", list.filter, "99");
    expect(server.acts).toMatchObject([{ act: "read", filter: { view: "unread" }, as_of: "99" }]);
    expect(list.snapshot().rows.every((row) => row.entry.read_at !== null)).toBe(true);
  });
});

describe("undo", () => {
  it("puts back what was there, newest act first", async () => {
    const read_at = "2026-11-20T00:00:00Z";
    server.add(entry(1, { read_at }), entry(2));
    const { ids } = await listOf();
    await inbox.act("unread", ["n1"]);
    await inbox.act("archive", ["n1", "n2"]);
    await inbox.undo();
    expect([ids(), inbox.counts().unread]).toEqual([["n2", "n1"], 2]);
    await inbox.undo();
    expect(inbox.entry("n1")?.read_at).toBe(read_at);
    expect(server.undone).toEqual([server.acts[1]?.id, server.acts[0]?.id]);
    expect(await inbox.undo()).toBeUndefined();
  });

  it("is about the act just before it, also when that one is still on its way", async () => {
    server.add(entry(1), entry(2));
    const { ids } = await listOf();
    await inbox.act("archive", ["n1"]);
    server.held = [];
    void inbox.act("archive", ["n2"]);
    const undoing = inbox.undo();
    await vi.advanceTimersByTimeAsync(0);
    server.release();
    await undoing;
    expect(ids()).toEqual(["n2"]);
    expect(server.undone).toEqual([server.acts[1]?.id]);
  });

  it("holds, though news of the act before it come late", async () => {
    server.add(entry(1), entry(2));
    const { list, ids } = await listOf();
    list.hold(true);
    await inbox.act("archive", ["n1"]);
    await vi.advanceTimersByTimeAsync(1_900);
    await inbox.undo();
    server.tell(entry(1, { archived_at: "2026-11-21T00:00:01Z" }), "updated");
    await vi.advanceTimersByTimeAsync(500);
    expect(ids()).toEqual(["n2", "n1"]);
    server.tell(entry(1), "updated");
    await vi.advanceTimersByTimeAsync(5_000);
    expect([ids(), list.snapshot().waiting]).toEqual([["n2", "n1"], 0]);
  });

  it("that is refused leaves everything as it was, and can be tried again", async () => {
    server.add(entry(1));
    const { ids } = await listOf();
    await inbox.act("archive", ["n1"]);
    server.failing = new Problem(500, "broken", "no");
    await expect(inbox.undo()).rejects.toThrow("no");
    expect(ids()).toEqual([]);
    expect(inbox.undoable()).toBeDefined();
  });
});

describe("counts", () => {
  it("follow what is heard at once, and the server's word soon after", async () => {
    await listOf();
    server.tell(entry(1, { severity: "critical" }));
    expect(inbox.counts().by_severity.critical).toBe(1);
    server.add(entry(7), entry(8));
    await settle();
    expect(inbox.counts().unread).toBe(3);
    server.tell(entry(1), "deleted");
    expect(inbox.counts().by_severity.critical).toBe(0);
  });

  it("are asked for a few times in a storm, not for each event", async () => {
    await listOf();
    const asked = vi.spyOn(server.http, "get");
    for (let n = 1; n <= 60; n++) {
      server.tell(entry(n));
      await vi.advanceTimersByTimeAsync(33);
    }
    await settle();
    expect(asked.mock.calls.length).toBeLessThan(9);
    expect(inbox.counts().unread).toBe(60);
  });
});
