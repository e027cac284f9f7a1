/** The address of the list ↔ which messages are asked for. */
import { parseDuration } from "@shared/time";
import { oneOf, type Search } from "../operate/address";
import type { MessageChoice, MessageStatus } from "../operate/api";

export const PERIODS = ["", "1h", "24h", "7d"] as const;
export type Period = (typeof PERIODS)[number];
export const STATUSES = ["pending", "sending", "sent", "dead"] as const;

/** What narrows the list, besides the view. */
export const FILTERS = ["q", "channel", "notice", "period"] as const;

export function periodOf(search: Search): Period {
  return oneOf(PERIODS, search.period);
}

export function statusOf(search: Search): MessageStatus | undefined {
  return STATUSES.find((status) => status === search.status);
}

/** What the address asks for now: "the last hour" is another one later. Values that mean nothing do not narrow. */
export function choiceOf(search: Search, now: number): MessageChoice {
  const period = periodOf(search);
  const status = statusOf(search);
  const length = period ? parseDuration(period) : null;
  const name = search.channel && /^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/.test(search.channel) ? search.channel : undefined;
  return {
    ...(status ? { status } : {}),
    ...(name ? { channel: name } : {}),
    ...(search.notice ? { notice: search.notice.slice(0, 200) } : {}),
    ...(search.q ? { q: search.q.slice(0, 200) } : {}),
    ...(length === null ? {} : { since: new Date(now - length).toISOString() }),
  };
}

export const isNarrowed = (search: Search): boolean => FILTERS.some((name) => Boolean(search[name]));
