import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Inbox } from "./inbox";
import { entry, Server } from "./inbox.fake";
import { Problem } from "./problem";

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

  it("waits for the one before it, but goes with the page that is left", async () => {
    server.add(entry(1), entry(2), entry(3));
    await listOf();
    server.held = [];
    for (const id of ["n1", "n2", "n3"]) void inbox.act("read", [id]);
    await settle();
    expect(server.held).toHaveLength(1);
    dispatchEvent(new Event("pagehide"));
    await vi.advanceTimersByTimeAsync(0);
    expect(server.held).toHaveLength(3);
    server.release();
    await settle();
    expect(server.acts.map(({ ids }) => ids)).toEqual([["n1"], ["n2"], ["n3"]]);
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

describe("one act among thousands", () => {
  it("is one request, and no list is asked for again", async () => {
    server.add(...Array.from({ length: 3_000 }, (_, n) => entry(n + 1)));
    const { ids } = await listOf();
    const [asked, sent] = [vi.spyOn(server.http, "get"), vi.spyOn(server.http, "post")];
    await inbox.act("archive", ["n3000"]);
    expect(ids()[0]).toBe("n2999");
    await settle();
    expect(sent).toHaveBeenCalledOnce();
    expect(asked.mock.calls.map(([path]) => path)).toEqual(["/api/v1/inbox/counts"]);
  });
});

describe("counts", () => {
  it("follow what is heard at once, and the server's word soon after", async () => {
    await listOf();
    server.tell(entry(1, { severity: "critical" }));
    expect(inbox.counts().by_severity.critical).toBe(1);
    server.add(entry(7), entry(8));
    server.tell(entry(9), "updated"); // it may have been read before, or not
    await settle();
    expect(inbox.counts().unread).toBe(4);
    server.tell(entry(1), "deleted");
    expect(inbox.counts().by_severity.critical).toBe(0);
  });

  it("are asked for seldom in a storm of new notices, which are counted here", async () => {
    await listOf();
    const asked = vi.spyOn(server.http, "get");
    for (let n = 1; n <= 1_000; n++) {
      server.tell(entry(n));
      await vi.advanceTimersByTimeAsync(10);
      expect(inbox.counts().unread).toBe(n);
    }
    expect(asked.mock.calls.length).toBeLessThanOrEqual(3); // of ten seconds
  });

  it("are asked for a few times a second in a storm about entries that are not known here", async () => {
    await listOf();
    const asked = vi.spyOn(server.http, "get");
    for (let n = 1; n <= 200; n++) {
      server.tell(entry(n), "updated");
      await vi.advanceTimersByTimeAsync(10);
    }
    await settle();
    expect(asked.mock.calls.length).toBeLessThanOrEqual(7);
    expect(inbox.counts().unread).toBe(200);
  });

  it("are compared with the server when the storm is over", async () => {
    await listOf();
    for (let n = 1; n <= 10; n++) server.tell(entry(n));
    server.add(entry(11));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(inbox.counts().unread).toBe(11);
  });
});
