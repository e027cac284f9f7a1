import type { Follower } from "@client/stream";
import { QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, it, vi } from "vitest";
import { stream } from "../../live";
import { queries, type Session } from "../../session";
import { useNotice } from "./useNotice";

Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
const SESSION = { scopes: ["inbox"] } as unknown as Session;
const place = document.body.appendChild(document.createElement("div"));
const root = createRoot(place);

function Title() {
  return useNotice(SESSION, "n1").data?.notice.title;
}

const trail = (title: string) => new Response(JSON.stringify({ notice: { id: "n1", title }, recipients: [], steps: [], messages: [] }));

afterEach(async () => {
  await act(async () => root.unmount());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks again after an answer that was on its way while something changed", async () => {
  vi.useFakeTimers();
  let follower: Follower | undefined;
  vi.spyOn(stream, "follow").mockImplementation((_, one) => {
    follower = one;
    return () => undefined;
  });
  let arrive = (_: Response): void => undefined;
  const answers = [new Promise<Response>((resolve) => (arrive = resolve)), Promise.resolve(trail("new"))];
  vi.stubGlobal("fetch", () => answers.shift());
  await act(async () => root.render(<QueryClientProvider client={queries}><Title /></QueryClientProvider>)); // prettier-ignore
  await act(async () => follower?.onEvent({ topic: "inbox", key: "admin/n1", action: "updated", data: { title: "new" }, at: "", cursor: "e:1" }, false));
  await act(async () => vi.advanceTimersByTimeAsync(1_000));
  arrive(trail("old"));
  await act(async () => vi.advanceTimersByTimeAsync(1_000));
  expect(place.textContent).toBe("new");
});
