/** What the stream of the inbox means for toasts: which changes are news, and which take a toast away. Pure. */
import { excerpt } from "@shared/excerpt";
import { rankOf } from "@shared/severity";
import type { Arrival } from "@client/toasts";
import type { TopicEvent } from "@client/stream";

/** What is needed of an inbox entry. */
export interface Entry {
  id: string;
  alert: string;
  key: string | null;
  title: string;
  message: string;
  severity: string;
  status: string;
  recipient: string;
  read_at: string | null;
  acknowledged_at: string | null;
  archived_at: string | null;
}

export type News = { kind: "new"; arrival: Arrival } | { kind: "gone"; id: string } | { kind: "same" };

/** Severities by notice, of those heard of lately: a notice that gets worse is news again. */
export class Memory {
  private readonly known = new Map<string, string>();

  /** The severity that a notice had until now. */
  turn(id: string, severity: string): string | undefined {
    const before = this.known.get(id);
    this.known.delete(id);
    this.known.set(id, severity);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value as string);
    return before;
  }
}

const REMEMBERED = 2_000;

export function newsOf(event: TopicEvent, recipient: string, memory: Memory): News {
  const entry = event.data as unknown as Entry | undefined;
  if (event.action === "deleted" || !entry) return { kind: "gone", id: event.key.slice(event.key.indexOf("/") + 1) };
  if (entry.recipient !== recipient) return { kind: "same" };
  const before = memory.turn(entry.id, entry.severity);
  if (entry.read_at || entry.archived_at || entry.acknowledged_at || entry.status === "resolved") return { kind: "gone", id: entry.id };
  const worse = before !== undefined && rankOf(entry.severity) > rankOf(before);
  return event.action === "created" || worse ? { kind: "new", arrival: arrivalOf(entry) } : { kind: "same" };
}

function arrivalOf(entry: Entry): Arrival {
  const title = entry.title || entry.key || excerpt(entry.message, 80) || entry.alert;
  return { id: entry.id, severity: entry.severity, title, body: entry.title ? excerpt(entry.message) : "" };
}
