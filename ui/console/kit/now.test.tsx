import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useNow } from "./now";

Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
const START = Date.now() + 60_000;
const root = createRoot(document.body.appendChild(document.createElement("div")));
const seconds = () => Number(document.body.textContent);

/** A machine that needs a moment to draw anything. */
const toil = () => void vi.setSystemTime(Date.now() + 2);

function Ago({ at }: { at: number }) {
  toil();
  return Math.round((useNow(at) - at) / 1000);
}

const draw = (at = START) => act(async () => root.render(<Ago at={at} />));
const pass = (ms: number) => act(async () => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(START);
});
afterEach(async () => {
  await act(async () => root.render(null));
  vi.useRealTimers();
});

it("goes on while what is young is drawn again and again", async () => {
  for (let drawn = 0; drawn < 8; drawn++) {
    await draw();
    await pass(4_000);
  }
  expect(seconds()).toBeGreaterThanOrEqual(20);
});

it("is not behind what has just come, after a while in which nobody looked", async () => {
  await draw(START - 600_000);
  await pass(45_000);
  await draw(START + 45_000);
  expect(seconds()).toBe(0);
});
