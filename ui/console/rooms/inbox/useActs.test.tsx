import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useActs } from "./useActs";

Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
const place = document.body.appendChild(document.createElement("div"));
const root = createRoot(place);
/** Answers on their way, oldest first. */
let held: (() => void)[];

function Room() {
  const { act: doIt, undo, close, did } = useActs();
  const buttons = { archive: () => doIt("archive", ["n1"]), undo, close };
  return (
    <>
      {Object.entries(buttons).map(([name, press]) => <button key={name} id={name} onClick={() => void press()} />)}
      <p>{did}</p>
    </>
  ); // prettier-ignore
}

beforeEach(async () => {
  held = [];
  const answer = () => new Response(JSON.stringify({ touched: 1, more: false, as_of: "1", done: true }));
  vi.stubGlobal("fetch", () => new Promise((resolve) => held.push(() => resolve(answer()))));
  await act(async () => root.render(<Room />));
});
afterEach(() => vi.unstubAllGlobals());

const press = (name: string) => act(async () => document.getElementById(name)?.click());
const arrive = () => act(async () => held.shift()?.());

it("offers the way back from what was done", async () => {
  await press("archive");
  await arrive();
  expect(place.textContent).toContain("1 notice");
});

it("offers no way back from what was undone before the server had answered", async () => {
  await press("close");
  await press("archive");
  await press("undo");
  await arrive(); // the act
  await arrive(); // its undoing
  expect(held).toEqual([]);
  expect(place.textContent).toBe("");
});
