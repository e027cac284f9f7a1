import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeSocket, fakeBrowser, settle } from "./browser.fake";
import { pause } from "./socket";
import { Stream, type StreamState, type TopicEvent } from "./stream";
import { SignedOut, subjectOf, Tokens } from "./token";

const event = (offset: number, key = `n${offset}`) => ({
  type: "event", topic: "inbox", key, action: "created", data: { id: key }, at: "2026-11-21T00:00:00Z", cursor: `e:${offset}`,
}); // prettier-ignore
const snapshot = (offset: number, ...keys: string[]) => ({
  type: "snapshot", topic: "inbox", cursor: `e:${offset}`, more: false, items: keys.map((key) => ({ key, data: { id: key }, at: "" })),
}); // prettier-ignore
const pong = { type: "pong" };

/** A page: what it was told, in order. */
class Page {
  heard: string[] = [];
  states: StreamState[] = [];
  stream: Stream;
  constructor(user?: string, tokens?: Tokens) {
    this.stream = new Stream({ server: "http://server.test", ...(tokens ? { tokens } : {}), onState: (state) => this.states.push(state) });
    this.stream.open(user);
    this.stream.follow("inbox", {
      onSnapshot: (items, gap) => this.heard.push(`${gap ? "gap" : "all"}(${items.map((item) => item.key).join(" ")})`),
      onEvent: (one: TopicEvent, late) => this.heard.push(late ? `late ${one.key}` : one.key),
      onRefused: (code) => this.heard.push(`refused ${code}`),
    });
  }
}

const socket = (index = FakeSocket.opened.length - 1) => FakeSocket.opened[index] as FakeSocket;
const live = async (...frames: object[]) => {
  await settle();
  socket().accept();
  socket().tell({ type: "ready", epoch: "e" }, ...frames, pong);
  await settle();
};

let pages: Page[];
const page = (...given: ConstructorParameters<typeof Page>) => {
  const one = new Page(...given);
  pages.push(one);
  return one;
};

beforeEach(() => {
  fakeBrowser();
  pages = [];
});
afterEach(() => {
  for (const one of pages) one.stream.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("one page", () => {
  it("gets the state, then changes; what it has heard before is dropped", async () => {
    const one = page();
    await live(snapshot(4, "a", "b"), event(5), event(5), event(3), event(6));
    expect(one.heard).toEqual(["all(a b)", "n5", "n6"]);
    expect(one.states).toEqual(["live"]);
  });

  it("puts pages of a snapshot together, and forgets half of one", async () => {
    const one = page();
    await live({ ...snapshot(4, "a"), more: true });
    socket().end(1006);
    await vi.advanceTimersByTimeAsync(500);
    await live({ ...snapshot(7, "a"), more: true }, snapshot(7, "b"));
    expect(one.heard).toEqual(["all(a b)"]);
  });

  it("resumes from its cursor after a cut, and says what comes late", async () => {
    const one = page();
    await live(snapshot(4, "a"));
    socket().end(1006);
    expect(one.states).toEqual(["live", "stale"]);
    await vi.advanceTimersByTimeAsync(500);
    await live(event(5), event(6));
    expect(socket().said).toContainEqual({ type: "subscribe", topic: "inbox", since: "e:4" });
    socket().tell(event(7));
    expect(one.heard).toEqual(["all(a)", "late n5", "late n6", "n7"]);
    expect(one.states).toEqual(["live", "stale", "live"]);
  });

  it("says so when changes are lost", async () => {
    const one = page();
    await live(snapshot(4, "a"));
    socket().tell({ type: "resync", topic: "inbox", reason: "trimmed" }, snapshot(90, "z"));
    expect(one.states.at(-1)).toBe("gap");
    expect(one.heard).toEqual(["all(a)", "gap(z)"]);
  });

  it("asks a silent server, and leaves one that does not answer", async () => {
    const one = page();
    await live(snapshot(4));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(socket().said.at(-1)).toEqual({ type: "ping" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(one.states.at(-1)).toBe("stale");
  });

  it("does not wait when the network comes back", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    page();
    await live(snapshot(4));
    for (let failures = 0; failures < 5; failures++) {
      socket().end(1006);
      await vi.advanceTimersByTimeAsync(30_000);
    }
    const tries = () => FakeSocket.opened.length + vi.mocked(fetch).mock.calls.length;
    const before = tries();
    socket().end(1006);
    dispatchEvent(new Event("online"));
    await settle();
    expect(tries()).toBe(before + 1);
  });

  it("tells a follower who comes later what there is, and why there is nothing", async () => {
    const one = page();
    await live(snapshot(4, "a"), event(5));
    const later = vi.fn();
    one.stream.follow("inbox", { onSnapshot: later, onEvent: later });
    expect(later.mock.calls[0]?.[0].map((item: { key: string }) => item.key)).toEqual(["a", "n5"]);
    const refused = vi.fn();
    one.stream.follow("vm", { onEvent: later, onRefused: refused });
    socket().tell({ type: "error", topic: "vm", code: "forbidden", message: "no" });
    expect(refused).toHaveBeenCalledWith("forbidden", "no");
  });

  it("waits with full jitter, from half a second to half a minute", () => {
    expect([0, 1, 5, 6, 50].map((failures) => pause(failures, () => 1))).toEqual([500, 1000, 16_000, 30_000, 30_000]);
    expect(pause(3, () => 0)).toBe(0);
  });
});

describe("tokens", () => {
  it("asks for another one when the server refuses it, and once only", async () => {
    const ask = vi.fn(() => Promise.resolve(`t${ask.mock.calls.length}`));
    const one = page("ann", new Tokens(ask));
    await settle();
    socket().accept();
    expect(socket().said[0]).toEqual({ type: "auth", token: "t1" });
    socket().end(4401);
    await live(snapshot(1));
    expect(socket().said[0]).toEqual({ type: "auth", token: "t2" });
    expect(one.states).toEqual(["live"]);
    for (let turns = 0; turns < 2; turns++) {
      socket().end(4401);
      await settle();
      socket().accept();
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(one.states.at(-1)).toBe("signed-out");
    expect(ask).toHaveBeenCalledTimes(3);
    one.stream.wake();
    await live();
    expect(one.states.at(-1)).toBe("live");
  });

  it("is signed out when there is no token, and patient when it cannot be had", async () => {
    const out = page("ann", new Tokens(() => Promise.reject(new SignedOut("nobody"))));
    const offline = page("bob", new Tokens(vi.fn().mockRejectedValueOnce(new Error("network")).mockResolvedValue("t")));
    await vi.advanceTimersByTimeAsync(600);
    expect(out.states).toEqual(["signed-out"]);
    await live(snapshot(1));
    expect(offline.states).toEqual(["live"]);
  });

  it("knows whose token it is, and when it ends", async () => {
    const jwt = (claims: object) => `h.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.s`;
    expect(subjectOf(jwt({ iss: "panel", sub: "ann" }))).toBe("panel\nann");
    expect(subjectOf("opaque")).toBe("opaque");
    const ask = vi.fn(() => Promise.resolve(jwt({ exp: Date.now() / 1000 + 60 })));
    const tokens = new Tokens(ask);
    await Promise.all([tokens.get(), tokens.get()]);
    expect(ask).toHaveBeenCalledTimes(1);
    vi.setSystemTime(Date.now() + 55_000);
    await tokens.get();
    expect(ask).toHaveBeenCalledTimes(2);
  });
});

describe("tabs of one person", () => {
  const five = async (...frames: object[]) => {
    const all = Array.from({ length: 5 }, () => page("ann"));
    await live(...frames);
    return all;
  };

  it("share one connection", async () => {
    const all = await five(snapshot(4, "a"), event(5));
    expect(FakeSocket.opened).toHaveLength(1);
    for (const one of all) expect(one.heard).toEqual(["all(a)", "n5"]);
    expect(all.map((one) => one.stream.state)).toEqual(Array(5).fill("live"));
  });

  it("lose and double nothing when the leader goes", async () => {
    const [leader, ...rest] = await five(snapshot(4, "a"), event(5));
    leader?.stream.close();
    await live(event(6));
    expect(FakeSocket.opened).toHaveLength(2);
    expect(socket().said).toContainEqual({ type: "subscribe", topic: "inbox", since: "e:5" });
    socket().tell(event(7));
    await settle();
    for (const one of rest) expect(one.heard.map((text) => text.replace("late ", ""))).toEqual(["all(a)", "n5", "n6", "n7"]);
  });

  it("bring a newcomer up to date without the server", async () => {
    await five(snapshot(4, "a"), event(5));
    const newcomer = page("ann");
    await settle();
    expect(newcomer.heard).toEqual(["all(a n5)"]);
    expect(newcomer.stream.state).toBe("live");
    expect(socket().said.filter((frame) => frame.type === "subscribe")).toHaveLength(1);
  });

  it("notice what did not reach them", async () => {
    const [leader, deaf] = await five(snapshot(4, "a"));
    const tabs = (deaf?.stream as unknown as { tabs: { channel: { onmessage: unknown } } }).tabs;
    const hear = tabs.channel.onmessage;
    tabs.channel.onmessage = null;
    socket().tell(event(5), event(6));
    await settle();
    tabs.channel.onmessage = hear;
    socket().tell(event(7));
    await settle();
    expect(leader?.heard).toEqual(["all(a)", "n5", "n6", "n7"]);
    expect(deaf?.heard).toEqual(["all(a)", "late n5", "late n6", "late n7"]);
  });

  it("never hear what is another person's", async () => {
    const ann = page("ann");
    await live(snapshot(4, "a"));
    const bob = page("bob");
    await live(snapshot(4, "b"));
    expect(FakeSocket.opened).toHaveLength(2);
    socket(0).tell(event(5));
    await settle();
    expect([ann.heard, bob.heard]).toEqual([["all(a)", "n5"], ["all(b)"]]);
  });

  it("take the connection from a leader that does not answer any more", async () => {
    const [leader, second] = await five(snapshot(4, "a"));
    const tabs = (leader?.stream as unknown as { tabs: { channel: { onmessage: unknown; postMessage: unknown } } }).tabs;
    Object.assign(tabs.channel, { onmessage: null, postMessage: () => undefined });
    await vi.advanceTimersByTimeAsync(25_000);
    expect(FakeSocket.opened).toHaveLength(2);
    await live();
    expect(socket(0).readyState).toBe(3);
    expect(second?.stream.state).toBe("live");
  });

  it("try one after the other when one of them is signed out", async () => {
    const out = page("ann", new Tokens(() => Promise.resolve(null)));
    await settle();
    const other = page("ann", new Tokens(() => Promise.resolve("good")));
    await live(snapshot(1, "a"));
    expect(out.states[0]).toBe("signed-out");
    expect(other.heard).toEqual(["all(a)"]);
  });
});
