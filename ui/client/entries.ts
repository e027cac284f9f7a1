/** A notice as one person has it, and the questions that lists ask of it: the same ones as the server answers. */
export type Severity = "info" | "success" | "warning" | "error" | "critical";
export type View = "unread" | "inbox" | "archived" | "all";
export type Act = "read" | "unread" | "archive" | "unarchive";

/** As `GET /api/v1/inbox` answers it and the topic `inbox` carries it. Greater positions are newer. */
export interface Entry {
  id: string;
  alert: string;
  key: string | null;
  config: string | null;
  status: "firing" | "resolved";
  severity: Severity;
  title: string;
  message: string;
  entity: { topic: string; key: string } | null;
  url: string | null;
  labels: Record<string, string>;
  actions: readonly { id?: string; label: string; url?: string }[];
  count: number;
  position: number;
  recipient: string;
  starts_at: string | null;
  ends_at: string | null;
  created_at: string;
  updated_at: string;
  read_at: string | null;
  acknowledged_at: string | null;
  archived_at: string | null;
}

/** Which entries. `from` and `to` are RFC 3339 and about when a notice came. */
export interface Filter {
  view: View;
  severity?: readonly Severity[];
  alert?: string;
  status?: "firing" | "resolved";
  topic?: string;
  entity?: string;
  q?: string;
  from?: string;
  to?: string;
}

export interface Counts {
  unread: number;
  by_severity: Record<Severity, number>;
  /** false: there are more, they are counted up to ten thousand. */
  exact: boolean;
}

export const NO_COUNTS: Counts = {
  unread: 0,
  by_severity: { info: 0, success: 0, warning: 0, error: 0, critical: 0 },
  exact: true,
};

export const isUnread = (entry: Entry): boolean => entry.read_at === null && entry.archived_at === null;

/** The words of a notice in one line, for those that have no title. */
export const nameOf = (entry: { title: string; key: string | null; message: string; alert: string }): string =>
  entry.title || entry.key || entry.message.trim().split("\n", 1)[0] || entry.alert;

/** Whether a list with this filter shows the entry. */
export function matches(entry: Entry, filter: Filter): boolean {
  const { severity, alert, status, topic, entity, from, to } = filter;
  return (
    inView(entry, filter.view) &&
    (!severity?.length || severity.includes(entry.severity)) &&
    (!alert || entry.alert === alert) &&
    (!status || entry.status === status) &&
    (!topic || entry.entity?.topic === topic) &&
    (!entity || entry.entity?.key === entity) &&
    (!from || Date.parse(entry.created_at) >= Date.parse(from)) &&
    (!to || Date.parse(entry.created_at) < Date.parse(to)) &&
    holdsWords(entry, filter.q)
  );
}

function inView(entry: Entry, view: View): boolean {
  if (view === "all") return true;
  return view === "archived" ? entry.archived_at !== null : view === "inbox" ? entry.archived_at === null : isUnread(entry);
}

function holdsWords(entry: Entry, q: string | undefined): boolean {
  const words = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = `${entry.title} ${entry.key ?? ""} ${entry.alert} ${entry.message}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

export type Marks = Partial<Pick<Entry, "read_at" | "archived_at">>;

/** What an act makes of an entry; null when it changes nothing. */
export function marksOf(entry: Entry, act: Act, at: string): Marks | null {
  switch (act) {
    case "read":
      return entry.read_at === null ? { read_at: at } : null;
    case "unread":
      return entry.read_at === null ? null : { read_at: null };
    case "archive":
      return entry.archived_at === null ? { archived_at: at } : null;
    case "unarchive":
      return entry.archived_at === null ? null : { archived_at: null };
  }
}

/** As the query of a page, or as the `filter` of an act: what is empty is left out. */
export function asked(filter: Filter): Record<string, string | readonly string[]> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== "" && value.length > 0));
}

/** Where a notice points: pages of the web only, never a script. Paths are the page's own. */
export function linkOf(entry: { url: string | null }): { href: string; host: string; isOutside: boolean } | null {
  if (!entry.url || !URL.canParse(entry.url, location.href)) return null;
  const { protocol, host, origin } = new URL(entry.url, location.href);
  return protocol === "http:" || protocol === "https:" ? { href: entry.url, host, isOutside: origin !== location.origin } : null;
}
