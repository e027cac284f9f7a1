import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useTyped } from "./typed";

Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
const written: string[] = [];
const write = (value: string) => written.push(value);

function Field({ value }: { value: string }) {
  const [typed, type] = useTyped(value, write);
  return <input value={typed} onChange={(event) => type(event.target.value)} />;
}

const place = document.body.appendChild(document.createElement("div"));
const root = createRoot(place);
const field = () => place.querySelector("input") as HTMLInputElement;
const address = (value: string) => act(async () => root.render(<Field value={value} />));

/** As a key does it: the value first, then the event; React has to be led past its own setter. */
function type(typed: string): Promise<void> {
  return act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field(), typed);
    field().dispatchEvent(new Event("input", { bubbles: true }));
  });
}

const rest = () => act(async () => vi.advanceTimersByTime(250));

beforeEach(async () => {
  vi.useFakeTimers();
  written.length = 0;
  await address("");
});
afterEach(() => vi.useRealTimers());

it("loses no letter that was typed while the address was on its way", async () => {
  await type("je");
  await rest();
  await type("jeez");
  await address("je"); // the answer to what was typed before
  expect(field().value).toBe("jeez");
  await rest();
  expect(written).toEqual(["je", "jeez"]);
});

it("follows the address when something else changed it", async () => {
  await type("disk");
  await rest();
  await address("disk");
  await address("");
  expect(field().value).toBe("");
  await rest();
  expect(written).toEqual(["disk"]);
});
