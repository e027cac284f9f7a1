import { readFileSync } from "node:fs";
import type { LitElement } from "lit";
import { describe, expect, it, vi } from "vitest";
import { manifest } from "../tools/manifest.mjs";
import { placeFor } from "./place";
import { localeOf, speaker } from "./text";
import { commandOf } from "./keys";
import { type Entry, linkOf } from "@client/entries";
import { formatTime } from "@shared/time";
import { grouped } from "./groups";
import { narrowed, tabOf } from "./views";

vi.stubGlobal("IntersectionObserver", class {});
const { NoticeBell, NoticeInbox, NoticeToasts } = await import("./index");

const declarations = manifest().modules.flatMap((one) => one.declarations);
const namesOf = (all: readonly { name: string }[]) => all.map(({ name }) => name);

describe("the manifest for editors", () => {
  const real = { "notice-bell": NoticeBell, "notice-inbox": NoticeInbox, "notice-toasts": NoticeToasts };
  it.each(declarations)("names every attribute of $tagName", ({ tagName, attributes }) => {
    const { elementProperties } = real[tagName as keyof typeof real] as typeof LitElement;
    const named = [...elementProperties].flatMap(([name, { attribute, state }]) =>
      attribute === false || state ? [] : [typeof attribute === "string" ? attribute : String(name).toLowerCase()],
    );
    expect(namesOf(attributes).sort()).toEqual(named.sort());
  });

  it("says what the bell lets through of its inbox, and that is all of it", () => {
    const through = /exportparts="([^"]*)"/.exec(readFileSync("elements/bell.ts", "utf8"))?.[1]?.split(", ");
    const inbox = declarations.find(({ tagName }) => tagName === "notice-inbox");
    expect(through?.sort()).toEqual(namesOf(inbox?.cssParts ?? []).sort());
  });
});

describe("docs/embed.md", () => {
  const text = readFileSync("../docs/embed.md", "utf8");
  const code = [...text.matchAll(/```.*?```|`[^`\n]+`/gs)].map(([one]) => one).join(" ");
  const words = new Set(code.split(/[^\w-]+/));

  it.each(declarations)("names all that $tagName has", ({ members, attributes, events, slots, cssParts, cssProperties, cssStates }) => {
    const all = [members, attributes, events, slots, cssParts, cssProperties, cssStates].flatMap(namesOf);
    expect(all.filter((name) => !words.has(name))).toEqual([]);
  });

  it("names no event and no variable that is not there", () => {
    const there = declarations.flatMap((one) => [...namesOf(one.events), ...namesOf(one.cssProperties), one.tagName]);
    const said = [...words].filter((word) => /^(--)?notice-\w/.test(word) && !/^notice-(elements|token)$/.test(word));
    expect(said.filter((word) => !there.includes(word))).toEqual([]);
  });
});

describe("what a host asks for", () => {
  it("is read from attributes", () => {
    expect(narrowed("severity=critical,error&topic=vm")).toEqual({ severity: ["critical", "error"], topic: "vm" });
    expect([narrowed(""), narrowed(null)]).toEqual([{}, {}]);
  });

  it("is a tab of its own, or one of ours, or everything", () => {
    const own = [{ name: "disks", label: "Disks", filter: { topic: "disk" } }, "unread"];
    const tab = (name: string) => tabOf(own, name, speaker("en"));
    expect(tab("disks")).toEqual({ name: "disks", label: "Disks", view: "inbox", filter: { topic: "disk" } });
    expect(tab("unread")).toEqual({ name: "unread", label: "Unread", view: "unread", filter: {} });
    expect(tab("nobody knows").view).toBe("inbox");
  });

  it("is a heading for each day or topic, in the order of the notices", () => {
    const now = Date.now();
    const rows = [0, 0, 1, 5].map((days, index) => {
      const entry = { updated_at: new Date(now - days * 86_400_000).toISOString(), entity: index % 2 ? { topic: "vm", key: "1" } : null, alert: "disk" };
      return { entry: entry as Entry, leaving: false };
    });
    const sizes = (by: "day" | "topic" | "none") => [...grouped(rows, by, "en", (at, shape) => formatTime(at, "en", "UTC", shape))].map(([name, some]) => [name, some.length]);
    expect(sizes("day")).toEqual([["today", 2], ["yesterday", 1], [formatTime(now - 5 * 86_400_000, "en", "UTC", "day"), 1]]); // prettier-ignore
    expect(sizes("topic")).toEqual([["disk", 2], ["vm", 2]]); // prettier-ignore
    expect(sizes("none")).toEqual([["", 4]]);
  });
});

describe("texts", () => {
  it("choose the Russian plural", () => {
    const say = speaker("ru");
    const words = [0, 1, 2, 5, 11, 21, 22, 25, 111].map((n) => say("away", { n }).split(" ")[1]?.replace(",", ""));
    expect(words).toEqual(
      ["уведомлений", "уведомление", "уведомления", "уведомлений", "уведомлений", "уведомление", "уведомления", "уведомлений", "уведомлений"],
    ); // prettier-ignore
  });

  it("are the host's where it has its own", () => {
    expect(speaker("en", { retry: "Once more" })("retry")).toBe("Once more");
  });

  it("follow the nearest lang", () => {
    const inner = document.createElement("p");
    document.body.append(inner);
    document.body.lang = "ru-RU";
    expect(localeOf(inner)).toBe("ru");
  });
});

describe("keys", () => {
  const press = (init: KeyboardEventInit) => {
    let command: string | undefined;
    const article = document.createElement("article");
    article.addEventListener("keydown", (event) => (command = commandOf(event)));
    article.dispatchEvent(new KeyboardEvent("keydown", init));
    return command;
  };

  it("go by the letter, and by the place where letters are not Latin", () => {
    expect(press({ key: "e", code: "KeyE" })).toBe("archive");
    expect(press({ key: "у", code: "KeyE" })).toBe("archive");
    expect(press({ key: "Ш", code: "KeyI", shiftKey: true })).toBe("read");
  });

  it("leave the browser's own alone", () => {
    expect(press({ key: "a", code: "KeyA", ctrlKey: true })).toBeUndefined();
  });
});

describe("a popover", () => {
  const box = (left: number, top: number, width: number, height: number) => ({ left, top, width, height, right: left + width, bottom: top + height });
  it("stays in the window, on the side where there is room", () => {
    vi.stubGlobal("innerWidth", 1000);
    vi.stubGlobal("innerHeight", 800);
    const panel = box(0, 0, 400, 500);
    expect(placeFor(panel, box(940, 10, 36, 36), "bottom-end", false)).toEqual([576, 52]);
    expect(placeFor(panel, box(10, 10, 36, 36), "bottom-end", false)).toEqual([8, 52]);
    expect(placeFor(panel, box(940, 740, 36, 36), "bottom-end", false)).toEqual([576, 234]);
    expect(placeFor(panel, box(500, 10, 36, 36), "bottom-end", true)).toEqual([500, 52]);
  });
});

describe("a link", () => {
  it("goes to pages of the web only", () => {
    const to = (url: string | null) => linkOf({ url })?.href ?? null;
    expect([to("https://x.test/a"), to("/vm/1")]).toEqual(["https://x.test/a", "/vm/1"]);
    expect([to(null), to("javascript:alert(1)"), to("data:text/html,x"), to("http://")]).toEqual([null, null, null, null]);
  });
});
