/** However answers and events overtake each other: in the end the counts and the lists say what the server says. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Entry, isUnread } from "./entries";
import { Inbox } from "./inbox";
import { entry, Server } from "./inbox.fake";
import type { InboxList } from "./inboxList";
import { Problem } from "./problem";

const read_at = "2026-11-21T00:00:01Z";
const archived_at = read_at;
let server: Server;
let inbox: Inbox;
let close: () => void;
let list: InboxList;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  server = new Server();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const ids = () => list.snapshot().rows.map((row) => row.entry.id);
const unread = () => inbox.counts().unread;

/** A page with these entries, of which everything has been told. */
async function page(...entries: Entry[]): Promise<void> {
  server.add(...entries);
  inbox = new Inbox(server.http, server.stream);
  close = inbox.open();
  list = inbox.list({ view: "inbox" });
  list.subscribe(() => undefined);
  await pass(1_000);
}

/** What the page shows, and what the server would answer. */
async function expectAgreement(): Promise<void> {
  const { items } = await inbox.load({ view: "inbox", limit: 50 }, new AbortController().signal);
  const truth = items.filter((one) => one.read_at === null);
  const shown = list.snapshot().rows.filter(({ entry: one }) => isUnread(one));
  expect([unread(), shown.length]).toEqual([truth.length, truth.length]);
  for (const [name, count] of Object.entries(inbox.counts().by_severity)) {
    expect([name, count]).toEqual([name, truth.filter(({ severity }) => severity === name).length]);
  }
}

describe("counts agree with the server within a second", () => {
  it("after a new notice that they had counted already", async () => {
    await page(entry(1));
    server.add(entry(2));
    server.tell(entry(9), "updated"); // unknown: the server is asked, and counts n2 too
    await pass(450);
    server.tell(entry(2));
    expect(unread()).toBe(4); // one too many, and not for long
    await pass(1_000);
    await expectAgreement();
  });

  it("after an answer that an event has overtaken", async () => {
    await page(entry(1), entry(2));
    server.late = [];
    server.tell(entry(3));
    await pass(450);
    server.tell(entry(1, { read_at }), "updated");
    server.tell(entry(2, { severity: "critical" }), "updated");
    for (const arrive of server.answers()) arrive();
    await pass(1_000);
    await expectAgreement();
  });

  it("after an answer that a later one has overtaken", async () => {
    await page(entry(1));
    server.late = [];
    server.tell(entry(7), "updated");
    await pass(450);
    const [older] = server.answers();
    server.tell(entry(2));
    server.tell(entry(1, { archived_at }), "updated");
    await pass(1_000);
    await expectAgreement();
    older?.();
    await pass(10_000);
    await expectAgreement();
  });

  it("after acts of another page, known here or not, also when they were undone", async () => {
    await page(entry(1), entry(2), entry(3));
    server.tell(entry(1, { read_at }), "updated");
    server.tell(entry(1), "updated");
    server.tell(entry(2, { archived_at }), "updated");
    server.tell(entry(8, { read_at }), "updated");
    await pass(450);
    expect(unread()).toBe(2);
    await pass(6_000);
    await expectAgreement();
  });

  it("after a notice that became worse, one that is over, and one that was deleted", async () => {
    await page(entry(1), entry(2), entry(3));
    server.tell(entry(1, { severity: "critical", count: 2 }), "updated");
    server.tell(entry(2, { status: "resolved" }), "updated");
    server.tell(entry(3), "deleted");
    expect(inbox.counts().by_severity).toMatchObject({ critical: 1, warning: 1 });
    await pass(1_000);
    await expectAgreement();
  });

  it("after a snapshot, the first one and one after a gap", async () => {
    await page(entry(1), entry(2));
    server.add(entry(1, { read_at }), entry(3));
    server.entries.delete("n2");
    server.tellAll(true);
    await pass(1_000);
    await expectAgreement();
  });

  it("after a storm, though it has not ended yet", async () => {
    await page();
    for (let n = 1; n <= 300; n++) {
      server.add(entry(n), entry(1_000 + n)); // of the second one nothing is heard
      server.tell(entry(n));
      await pass(20);
    }
    expect(unread()).toBeGreaterThan(400);
  });
});

describe("counts and acts of this page", () => {
  /** The server carries out what it is asked for when it arrives, and tells of it later. */
  const carriedOut = (one: Entry) => server.add(one);

  it("an answer that was asked for before the act does not take it back", async () => {
    await page(entry(1), entry(2));
    server.late = [];
    server.tell(entry(7, { read_at }), "updated");
    await pass(450);
    const [older] = server.answers();
    carriedOut(entry(1, { read_at }));
    await inbox.act("read", ["n1"]);
    const seen: number[] = [];
    inbox.subscribe(() => seen.push(unread()));
    older?.();
    await pass(0);
    expect(seen).not.toContain(2);
    server.tell(entry(1, { read_at }), "updated");
    await pass(1_000);
    await expectAgreement();
  });

  it.each(["before", "after", "long after"])("its event comes %s the answer", async (when) => {
    await page(entry(1), entry(2));
    server.held = [];
    const acting = inbox.act("read", ["n1"]);
    await pass(0);
    carriedOut(entry(1, { read_at }));
    if (when === "before") server.tell(entry(1, { read_at }), "updated");
    server.release();
    await acting;
    await pass(when === "long after" ? 3_000 : 10);
    if (when !== "before") server.tell(entry(1, { read_at }), "updated");
    await pass(1_000);
    await expectAgreement();
  });

  it.each(["at once", "late", "very late"])("it is undone, and both events come %s", async (when) => {
    await page(entry(1), entry(2));
    carriedOut(entry(1, { archived_at }));
    await inbox.act("archive", ["n1"]);
    if (when === "at once") server.tell(entry(1, { archived_at }), "updated");
    carriedOut(entry(1));
    await inbox.undo();
    await pass(when === "very late" ? 3_000 : 500);
    if (when !== "at once") server.tell(entry(1, { archived_at }), "updated");
    server.tell(entry(1), "updated");
    await pass(1_000);
    await expectAgreement();
  });

  it("it changes nothing, since another page was first", async () => {
    await page(entry(1), entry(2));
    carriedOut(entry(1, { read_at }));
    await inbox.act("read", ["n1"]);
    server.tell(entry(1, { read_at }), "updated");
    await pass(3_000);
    await expectAgreement();
  });

  it("it is refused, or the server leaves the entry as it is", async () => {
    await page(entry(1), entry(2));
    server.failing = new Problem(409, "conflict", "no");
    await expect(inbox.act("archive", ["n1"])).rejects.toThrow("no");
    server.failing = null;
    await inbox.act("read", ["n2"]);
    await pass(3_000);
    await expectAgreement();
  });

  it("it acknowledges", async () => {
    await page(entry(1), entry(2));
    await inbox.acknowledge("n1");
    expect(unread()).toBe(1);
    server.tell(server.entries.get("n1") as Entry, "updated");
    await pass(1_000);
    await expectAgreement();
  });
});

describe("counts without an answer", () => {
  it("are asked for again until there is one, more and more seldom", async () => {
    server.away = true;
    await page(entry(1), entry(2));
    expect(unread()).toBe(0);
    const asked = vi.spyOn(server.http, "get");
    await pass(120_000);
    expect(asked.mock.calls.length).toBeLessThan(15);
    server.away = false;
    await list.refresh();
    await pass(31_000);
    await expectAgreement();
  });

  it("are not asked for by one who may not know them", async () => {
    await page(entry(1));
    const refused = vi.spyOn(server.http, "get").mockRejectedValue(new Problem(401, "unauthorized", "who?"));
    server.tell(entry(2));
    await pass(60_000);
    expect(refused).toHaveBeenCalledOnce();
  });

  it("are nobody's once the inbox is closed, whatever was on its way", async () => {
    await page(entry(1));
    server.late = [];
    server.tell(entry(7), "updated");
    await pass(450);
    const [older] = server.answers();
    close();
    older?.();
    await pass(10_000);
    expect(unread()).toBe(0);
  });
});

describe("a list agrees with the server", () => {
  it("when it was asked for before the stream was, and is older than its snapshot", async () => {
    server.add(entry(1), entry(2));
    inbox = new Inbox(server.http, server.stream);
    server.late = [];
    list = inbox.list({ view: "inbox" });
    list.subscribe(() => undefined);
    await pass(0);
    const [early] = server.answers();
    server.add(entry(1, { archived_at }), entry(2, { read_at }), entry(3));
    inbox.open();
    server.tellAll(false);
    early?.();
    await pass(6_000);
    expect(ids()).toEqual(["n3", "n2"]);
    await expectAgreement();
  });

  it("when it was there before the stream's snapshot", async () => {
    server.add(entry(1), entry(2));
    inbox = new Inbox(server.http, server.stream);
    list = inbox.list({ view: "inbox" });
    list.subscribe(() => undefined);
    await pass(0);
    server.add(entry(1, { read_at }), entry(3));
    inbox.open();
    server.tellAll(false);
    await pass(1_000);
    expect(ids()).toEqual(["n3", "n2", "n1"]);
    await expectAgreement();
  });

  it("when another page takes a row out and puts it back, however long the list is held", async () => {
    await page(entry(1), entry(2), entry(3));
    list.hold(true);
    server.tell(entry(2, { archived_at }), "updated");
    await pass(60_000);
    expect(list.snapshot().rows.map((row) => row.leaving)).toEqual([false, true, false]); // nothing moves under the pointer
    server.tell(entry(2), "updated");
    await pass(1_000);
    expect([ids(), list.snapshot().waiting]).toEqual([["n3", "n2", "n1"], 0]);
    await expectAgreement();
  });

  it("when what was taken out is let go", async () => {
    await page(entry(1), entry(2));
    list.hold(true);
    server.tell(entry(2, { archived_at }), "updated");
    await pass(60_000);
    const told = vi.fn();
    list.subscribe(told);
    list.hold(false);
    expect(ids()).toEqual(["n1"]);
    expect(told).toHaveBeenCalled();
  });

  it("when its reader marks a row that does not match then: it goes, though the pointer is still there", async () => {
    await page(entry(1), entry(2));
    list = inbox.list({ view: "unread" });
    list.subscribe(() => undefined);
    await pass(0);
    list.hold(true);
    list.keep("n2"); // it is open beside the list
    await inbox.act("read", ["n1", "n2"]);
    for (const n of [1, 2]) server.tell(entry(n, { read_at }), "updated");
    await pass(6_000);
    expect(ids()).toEqual(["n2"]);
    list.keep(null);
    await pass(6_000);
    expect(ids()).toEqual([]);
  });
});
