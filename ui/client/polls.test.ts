import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeHttp, FakeSocket, fakeBrowser, settle } from "./browser.fake";
import { Stream, type StreamState } from "./stream";
import { Tokens } from "./token";

const event = (offset: number, key = `n${offset}`) => ({
  type: "event", topic: "inbox", key, action: "created", data: { id: key }, at: "2026-11-21T00:00:00Z", cursor: `e:${offset}`,
}); // prettier-ignore
const snapshot = (offset: number, ...keys: string[]) => ({
  type: "snapshot", topic: "inbox", cursor: `e:${offset}`, more: false, items: keys.map((key) => ({ key, data: { id: key }, at: "" })),
}); // prettier-ignore

let server: FakeHttp;
let stream: Stream;
let heard: string[];
let states: StreamState[];
let ends: string[];

const asked = () => server.asked.at(-1) as FakeHttp["asked"][number];
const answer = async (...frames: object[]) => {
  asked().answer(frames);
  await settle();
};
/** No websocket opens: a proxy forbids them. */
const forbidden = async () => {
  for (let tries = 0; tries < 2; tries++) {
    await settle();
    FakeSocket.opened.at(-1)?.end(1006);
    await vi.advanceTimersByTimeAsync(2_000);
  }
};

function begin(tokens?: Tokens): void {
  stream = new Stream({ server: "http://server.test", ...(tokens ? { tokens } : {}), onState: (state) => states.push(state) });
  stream.open();
  stream.follow("inbox", {
    onSnapshot: (items, gap) => heard.push(`${gap ? "gap" : "all"}(${items.map((item) => item.key).join(" ")})`),
    onEvent: (one, late) => heard.push(late ? `late ${one.key}` : one.key),
    onRefused: (code) => ends.push(code),
  });
}

beforeEach(() => {
  fakeBrowser();
  server = new FakeHttp();
  vi.stubGlobal("fetch", server.fetch);
  [heard, states, ends] = [[], [], []];
});
afterEach(() => {
  stream.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("where no websocket opens", () => {
  it("plain HTTP brings the state and then every change", async () => {
    begin();
    await forbidden();
    expect(asked().body).toEqual({ topics: { inbox: null }, wait: 0 });
    await answer(snapshot(4, "a"));
    expect(stream.state).toBe("live");
    expect(asked().body).toEqual({ topics: { inbox: "e:4" }, wait: 15 });
    await answer(event(5), event(6));
    expect(asked().body.topics).toEqual({ inbox: "e:6" });
    await answer();
    expect(heard).toEqual(["all(a)", "n5", "n6"]);
    expect(states).toEqual(["live"]);
  });

  it("a topic that is followed later is asked for at once, and one that is left is not any more", async () => {
    begin();
    await forbidden();
    await answer(snapshot(4));
    const leave = stream.follow("vm", { onEvent: () => undefined });
    await settle();
    expect(asked().body).toEqual({ topics: { inbox: "e:4", vm: null }, wait: 0 });
    leave();
    await settle();
    expect(asked().body.topics).toEqual({ inbox: "e:4" });
  });

  it("a topic that may not be followed is asked for once", async () => {
    begin();
    await forbidden();
    await answer({ type: "error", topic: "inbox", code: "forbidden", message: "no" });
    expect(ends).toEqual(["forbidden"]);
    expect(asked().body.topics).toEqual({});
  });

  it("a token that has ended is renewed", async () => {
    let number = 0;
    begin(new Tokens(() => Promise.resolve(`token-${++number}`)));
    await forbidden();
    await answer(snapshot(4, "a"));
    asked().answer([], 401);
    await settle();
    FakeSocket.opened.at(-1)?.accept();
    expect(FakeSocket.opened.at(-1)?.said[0]).toEqual({ type: "auth", token: "token-2" });
  });

  it("an answer that fails is a cut like every other, and websockets are tried again first", async () => {
    begin();
    await forbidden();
    await answer(snapshot(4, "a"));
    const before = FakeSocket.opened.length;
    asked().answer([], 502);
    await settle();
    expect(stream.state).toBe("stale");
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.opened.length).toBe(before + 1);
    FakeSocket.opened.at(-1)?.accept();
    expect(FakeSocket.opened.at(-1)?.said).toContainEqual({ type: "subscribe", topic: "inbox", since: "e:4" });
  });

  it("after ten minutes a websocket is tried again", async () => {
    begin();
    await forbidden();
    await answer(snapshot(4, "a"));
    const before = FakeSocket.opened.length;
    vi.setSystemTime(Date.now() + 11 * 60_000);
    await answer();
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.opened.length).toBe(before + 1);
  });
});
