import { LitElement } from "lit";
import { describe, expect, it, vi } from "vitest";
import { placeFor } from "./place";
import manifest from "./public/custom-elements.json";
import { localeOf, speaker } from "./text";
import { commandOf } from "./keys";
import { linkOf } from "@client/entries";

vi.stubGlobal("IntersectionObserver", class {});
const { NoticeBell, NoticeInbox, NoticeToasts } = await import("./index");

describe("the manifest for editors", () => {
  const real = { "notice-bell": NoticeBell, "notice-inbox": NoticeInbox, "notice-toasts": NoticeToasts };
  it.each(manifest.modules[0]?.declarations ?? [])("names every attribute of $tagName", ({ tagName, attributes }) => {
    const { elementProperties } = real[tagName as keyof typeof real] as typeof LitElement;
    const named = [...elementProperties].flatMap(([name, { attribute, state }]) =>
      attribute === false || state ? [] : [typeof attribute === "string" ? attribute : String(name).toLowerCase()],
    );
    expect(attributes.map(({ name }) => name).sort()).toEqual(named.sort());
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
