import type { Follower } from "@client/stream";
import { QueryClientProvider, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { stream } from "../../live";
import { queries } from "../../session";
import { configsQuery, recipientsQuery } from "./api";
import { useLiveConfigs } from "./live";

Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
const CONFIGS = "/api/v1/configs";
const RECIPIENTS = "/api/v1/recipients";
const place = document.body.appendChild(document.createElement("div"));
const followers = new Map<string, Follower>();
const config = (revision: number) => ({ id: "root", name: "disk", metric: {}, channel: {}, enabled: true, revision });
const ann = (name: string) => ({ id: "ann", name, addresses: {}, locale: "en", timezone: "UTC", roles: [] });

/** What the server has, and what was asked of it; a held answer is as old as its question. */
let server: Record<string, object[]>;
let asked: string[];
let held: (() => void)[] | undefined;

async function answer(address: string | URL): Promise<Response> {
  const { pathname } = new URL(address, location.href);
  asked.push(pathname);
  const body = JSON.stringify({ items: server[pathname] ?? [], next: null });
  if (held) await new Promise<void>((resolve) => held?.push(resolve));
  return new Response(body, { headers: { "content-type": "application/json" } });
}

function Room() {
  useLiveConfigs();
  const { data: configs } = useInfiniteQuery(configsQuery({}));
  const { data: people } = useQuery(recipientsQuery);
  return <p>{JSON.stringify([configs?.pages.flatMap(({ items }) => items.map(({ revision }) => revision)), people?.map(({ name }) => name)])}</p>;
}

const pass = (ms: number) => act(async () => vi.advanceTimersByTimeAsync(ms));
const shown = () => JSON.parse(place.textContent) as unknown;
const questions = (path: string) => asked.filter((one) => one === path).length;
const snapshot = (topic: string, ...all: { id: string }[]) =>
  act(async () => followers.get(topic)?.onSnapshot?.(all.map((data) => ({ key: data.id, data: data as never, at: "" })), false));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", answer);
  vi.spyOn(stream, "follow").mockImplementation((topic, follower) => {
    followers.set(topic, follower);
    return () => followers.delete(topic);
  });
  [server, asked, held] = [{ [CONFIGS]: [config(1)], [RECIPIENTS]: [ann("Ann")] }, [], undefined];
});

let close: () => void;
afterEach(async () => {
  await act(async () => close());
  queries.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(): Promise<void> {
  const root = createRoot(place);
  close = () => root.unmount();
  await act(async () => root.render(<QueryClientProvider client={queries}><Room /></QueryClientProvider>)); // prettier-ignore
  await pass(10);
}

it("asks again for what changed after it was answered and before it was followed", async () => {
  await open();
  expect(shown()).toEqual([[1], ["Ann"]]);
  server = { [CONFIGS]: [config(2)], [RECIPIENTS]: [ann("Anna")] };
  await snapshot("config", config(2));
  await snapshot("recipient", ann("Anna"));
  await pass(1_000);
  expect(shown()).toEqual([[2], ["Anna"]]);
});

it("asks again for what came or went meanwhile", async () => {
  await open();
  server = { [CONFIGS]: [], [RECIPIENTS]: [ann("Ann"), { ...ann("Bob"), id: "bob" }] };
  await snapshot("config");
  await snapshot("recipient", ann("Ann"), { ...ann("Bob"), id: "bob" });
  await pass(1_000);
  expect(shown()).toEqual([[], ["Ann", "Bob"]]);
});

it("does not let an answer that was on its way hide a change", async () => {
  held = [];
  await open();
  await snapshot("config", config(1));
  await snapshot("recipient", ann("Ann"));
  server = { [CONFIGS]: [config(2)], [RECIPIENTS]: [ann("Anna")] };
  for (const [topic, one] of [["config", config(2)], ["recipient", ann("Anna")]] as const) // prettier-ignore
    await act(async () => followers.get(topic)?.onEvent({ topic, key: one.id, action: "updated", data: one, at: "", cursor: "e:2" }, false));
  await pass(2_000);
  const late = held;
  held = undefined;
  for (const arrive of late) arrive();
  await pass(2_000);
  expect(shown()).toEqual([[2], ["Anna"]]);
});

it("asks for nothing twice where all agree", async () => {
  await open();
  await snapshot("config", config(1));
  await snapshot("recipient", ann("Ann"));
  await pass(2_000);
  expect([questions(CONFIGS), questions(RECIPIENTS)]).toEqual([1, 1]);
});
