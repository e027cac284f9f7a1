import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { choose } from "../choices";
import { addShortcuts, comboOf, onKey, type Shortcut, shortcuts } from "./keys";

const removals: (() => void)[] = [];

function add(keys: string, more: Partial<Shortcut> = {}) {
  const act = vi.fn();
  removals.push(addShortcuts(() => [{ keys, label: keys, group: "test", act, ...more }]));
  return act;
}

function press(key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
}

beforeEach(() => document.addEventListener("keydown", onKey));
afterEach(() => {
  document.removeEventListener("keydown", onKey);
  removals.splice(0).forEach((remove) => remove());
  document.body.replaceChildren();
  choose("shortcuts", true);
});

describe("shortcuts", () => {
  it("run, and take the key", () => {
    const act = add("j");
    expect(press("j").defaultPrevented).toBe(true);
    expect(act).toHaveBeenCalledOnce();
    expect(press("q").defaultPrevented).toBe(false);
  });

  it("work under a Cyrillic layout by the key's place", () => {
    const [down, done, range, back] = [add("j"), add("e"), add("Shift+X"), add("[")];
    press("о", { code: "KeyJ" });
    press("у", { code: "KeyE" });
    press("Ч", { code: "KeyX", shiftKey: true });
    press("х", { code: "BracketLeft" });
    for (const act of [down, done, range, back]) expect(act).toHaveBeenCalledOnce();
  });

  it("follow the letter, not the place, under another Latin layout", () => {
    const act = add("z");
    press("z", { code: "KeyY" });
    expect(act).toHaveBeenCalledOnce();
  });

  it("do nothing while a text is written", () => {
    const act = add("j");
    const everywhere = add("Mod+K", { inFields: true });
    for (const name of ["input", "textarea", "select"]) {
      const field = document.body.appendChild(document.createElement(name));
      press("j", {}, field);
      press("k", { ctrlKey: true }, field);
    }
    expect(act).not.toHaveBeenCalled();
    expect(everywhere).toHaveBeenCalledTimes(3);
  });

  it("leave an open dialog alone", () => {
    const act = add("e");
    const dialog = document.body.appendChild(document.createElement("div"));
    dialog.setAttribute("role", "dialog");
    press("e", {}, dialog);
    expect(act).not.toHaveBeenCalled();
  });

  it("leave Enter to a button", () => {
    const act = add("Enter");
    press("Enter", {}, document.body.appendChild(document.createElement("button")));
    expect(act).not.toHaveBeenCalled();
    press("Enter");
    expect(act).toHaveBeenCalledOnce();
  });

  it("of single signs can be switched off, the others stay", () => {
    const [letter, sheet, palette, region] = [add("j"), add("?"), add("Mod+K"), add("F6")];
    choose("shortcuts", false);
    press("j");
    press("?", { shiftKey: true });
    press("k", { metaKey: true });
    press("F6");
    expect(letter).not.toHaveBeenCalled();
    expect(sheet).not.toHaveBeenCalled();
    expect(palette).toHaveBeenCalledOnce();
    expect(region).toHaveBeenCalledOnce();
  });

  it("can be keys one after another", () => {
    const [inbox, archive] = [add("g i"), add("i")];
    press("g");
    press("i");
    expect(inbox).toHaveBeenCalledOnce();
    expect(archive).not.toHaveBeenCalled();
    press("i");
    expect(archive).toHaveBeenCalledOnce();
  });

  it("forget a sequence that goes on with a key of its own", () => {
    const [inbox, down] = [add("g i"), add("j")];
    press("g");
    press("j");
    press("i");
    expect(down).toHaveBeenCalledOnce();
    expect(inbox).not.toHaveBeenCalled();
  });

  it("added last come first, and give way when they leave", () => {
    const shell = add("Escape");
    const room = add("Escape");
    press("Escape");
    expect(room).toHaveBeenCalledOnce();
    removals.pop()?.();
    press("Escape");
    expect(shell).toHaveBeenCalledOnce();
    expect(shortcuts().map((one) => one.keys)).toEqual(["Escape"]);
  });

  it("do not repeat an act while the key is held, but moves do", () => {
    const [done, down] = [add("e"), add("j")];
    for (const repeat of [false, true, true]) {
      press("e", { repeat });
      press("j", { repeat });
    }
    expect(done).toHaveBeenCalledOnce();
    expect(down).toHaveBeenCalledTimes(3);
  });
});

describe("comboOf", () => {
  it.each([
    ["?", { shiftKey: true }, "?"],
    ["X", { shiftKey: true }, "Shift+X"],
    ["F6", { shiftKey: true }, "Shift+F6"],
    ["k", { metaKey: true }, "Mod+K"],
  ])("%s", (key, init, combo) => {
    expect(comboOf(new KeyboardEvent("keydown", { key, ...init }))).toBe(combo);
  });
});
