import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Speaker } from "./speaker";
import { durationOf, type Shown, ToastQueue } from "./toasts";

let shown: Shown = { toasts: [], more: 0 };
let stay = false;

beforeEach(() => {
  vi.useFakeTimers();
  shown = { toasts: [], more: 0 };
  stay = false;
});
afterEach(() => vi.useRealTimers());

const queue = () => new ToastQueue({ onChange: (next) => (shown = next), stay: () => stay });
const notice = (id: string, severity = "info", title = id) => ({ id, severity, title, body: "" });
const ids = () => shown.toasts.map((toast) => toast.id);

describe("the queue of toasts", () => {
  it("shows a notice and lets it go after its time", () => {
    queue().show(notice("a"));
    expect(ids()).toEqual(["a"]);
    vi.advanceTimersByTime(5_900);
    expect(ids()).toEqual(["a"]);
    vi.advanceTimersByTime(300);
    expect(ids()).toEqual([]);
  });

  it("gives a long text more time, up to a limit", () => {
    expect(durationOf({ title: "x".repeat(20), body: "" })).toBe(7_000);
    expect(durationOf({ title: "", body: "x".repeat(5_000) })).toBe(14_000);
  });

  it.each(["error", "critical"])("keeps %s until it is dismissed", (severity) => {
    const toasts = queue();
    toasts.show(notice("a", severity));
    vi.advanceTimersByTime(3_600_000);
    expect(ids()).toEqual(["a"]);
    toasts.dismiss("a");
    expect(ids()).toEqual([]);
  });

  it("keeps all of them where the person wants that", () => {
    stay = true;
    const toasts = queue();
    toasts.show(notice("a"));
    vi.advanceTimersByTime(3_600_000);
    expect(ids()).toEqual(["a"]);
    stay = false;
    toasts.reconsider();
    vi.advanceTimersByTime(7_000);
    expect(ids()).toEqual([]);
  });

  it("lets time stand still while there is any reason to", () => {
    const toasts = queue();
    toasts.show(notice("a"));
    vi.advanceTimersByTime(5_000);
    toasts.pause("pointer");
    toasts.pause("hidden");
    vi.advanceTimersByTime(60_000);
    toasts.resume("pointer");
    vi.advanceTimersByTime(60_000);
    expect(ids()).toEqual(["a"]);
    toasts.resume("hidden");
    vi.advanceTimersByTime(900);
    expect(ids()).toEqual(["a"]);
    vi.advanceTimersByTime(300);
    expect(ids()).toEqual([]);
  });

  it("shows three, those that stay first, and counts the rest", () => {
    const toasts = queue();
    for (const [id, severity] of [["a", "critical"], ["b", "info"], ["c", "info"], ["d", "error"], ["e", "info"]] as const) {
      toasts.show(notice(id, severity));
    }
    expect(ids()).toEqual(["d", "a", "e"]);
    expect(shown.more).toBe(2);
    toasts.dismiss("d");
    expect(ids()).toEqual(["a", "e", "c"]);
    expect(shown.more).toBe(1);
  });

  it("makes one digest of a storm", () => {
    const toasts = queue();
    for (let n = 0; n < 20; n++) {
      toasts.show(notice(`n${n}`, n === 7 ? "warning" : "info"));
      vi.advanceTimersByTime(100);
    }
    expect(ids()).toEqual(["digest"]);
    expect(shown.toasts[0]).toMatchObject({ count: 20, severity: "warning", severities: { info: 19, warning: 1 } });
  });

  it("leaves errors on the screen in a storm, and the digest too when it holds one", () => {
    const toasts = queue();
    toasts.show(notice("first", "error"));
    for (let n = 0; n < 10; n++) toasts.show(notice(`n${n}`, n === 9 ? "critical" : "info"));
    vi.advanceTimersByTime(60_000);
    expect(ids()).toEqual(["digest", "first"]);
    toasts.show(notice("later"));
    expect(ids()).toContain("later");
  });

  it("replaces the toast of a notice that speaks again", () => {
    const toasts = queue();
    toasts.show(notice("a", "info"));
    toasts.show(notice("a", "critical", "worse"));
    expect(shown.toasts).toMatchObject([{ id: "a", title: "worse" }]);
  });

  it("tells of what was missed in one summary", () => {
    const toasts = queue();
    toasts.missed(Array.from({ length: 12 }, (_, n) => notice(`n${n}`, n ? "info" : "error")));
    expect(shown.toasts).toMatchObject([{ kind: "away", count: 12, severity: "error" }]);
  });
});

describe("the speaker", () => {
  const said: [number, boolean][] = [];
  const speaker = () => new Speaker({ say: (news, urgent) => said.push([news.length, urgent]) });
  beforeEach(() => said.splice(0));

  it("says a single notice soon", () => {
    speaker().add(notice("a"));
    vi.advanceTimersByTime(1_000);
    expect(said).toEqual([[1, false]]);
  });

  it("says twenty in two seconds once", () => {
    const one = speaker();
    for (let n = 0; n < 20; n++) {
      one.add(notice(`n${n}`));
      vi.advanceTimersByTime(100);
    }
    vi.advanceTimersByTime(10_000);
    expect(said).toEqual([[20, false]]);
  });

  it("speaks once in three seconds while it goes on", () => {
    const one = speaker();
    for (let n = 0; n < 120; n++) {
      one.add(notice(`n${n}`));
      vi.advanceTimersByTime(100);
    }
    expect(said.length).toBeLessThanOrEqual(4);
    expect(said.length).toBeGreaterThanOrEqual(3);
  });

  it("interrupts only for what is critical, and not every time", () => {
    const one = speaker();
    for (let n = 0; n < 4; n++) {
      one.add(notice("a", "critical"));
      vi.advanceTimersByTime(4_000);
    }
    expect(said.map(([, urgent]) => urgent)).toEqual([true, false, false, true]);
  });
});
