/**
 * What the stream tells of a topic, held against what was answered about it. A list is asked for and its topic is
 * subscribed to at about the same time, in no order: what changed between the two is in neither of them, and comes in no
 * later event. Then, and when an answer was on its way while something changed, it is asked for again.
 */
import type { TopicEvent } from "@client/stream";
import { useRef } from "react";
import { useTopic } from "../../live";
import { queries } from "../../session";
import { TOO_EARLY, useSoon } from "../../soon";

/** By key, as it is on the server now. */
export type Told = ReadonlyMap<string, Record<string, unknown>>;

const SETTLE_MS = 500;

/** `isOld`: whether something that was answered is older than what was told. */
export function useTold(topic: string, queryKey: readonly unknown[], isOld: (told: Told) => boolean, onEvent: (event: TopicEvent) => void): void {
  const told = useRef(new Map<string, Record<string, unknown>>());
  const compare = useSoon(() => {
    if (queries.isFetching({ queryKey }) > 0) return TOO_EARLY;
    return isOld(told.current) && queries.invalidateQueries({ queryKey });
  }, SETTLE_MS);
  useTopic(topic, {
    onSnapshot: (items) => {
      told.current = new Map(items.map(({ key, data }) => [key, data]));
      compare();
    },
    onEvent: (event) => {
      if (event.action === "deleted" || !event.data) told.current.delete(event.key);
      else told.current.set(event.key, event.data);
      onEvent(event);
      compare();
    },
  });
}
