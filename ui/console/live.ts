/** The console's one connection for live changes, and its state for the bar that tells of trouble. */
import { type Follower, Stream, type StreamState } from "@client/stream";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { queries, sessionQuery } from "./session";

let state: StreamState = "connecting";
let liveAt = Date.now();
const listeners = new Set<() => void>();

export const stream = new Stream({
  onState: (next) => {
    if (state === "live") liveAt = Date.now();
    state = next;
    document.documentElement.dataset.stream = next; // for whoever waits for the page to be live
    if (next === "signed-out") queries.setQueryData(sessionQuery.queryKey, null);
    for (const listener of listeners) listener();
  },
});

const onState = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useStreamState = (): StreamState => useSyncExternalStore(onState, () => state);

/** When what is shown was last known to be the truth. */
export const lastLive = (): number => (state === "live" ? Date.now() : liveAt);

/** Follow a topic while the component is there; the latest `follower` is called. */
export function useTopic(topic: string, follower: Follower): void {
  const latest = useRef(follower);
  useEffect(() => {
    latest.current = follower;
  });
  useEffect(
    () =>
      stream.follow(topic, {
        onSnapshot: (...given) => latest.current.onSnapshot?.(...given),
        onEvent: (...given) => latest.current.onEvent(...given),
      }),
    [topic],
  );
}
