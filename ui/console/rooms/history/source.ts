/** Where the history comes from: all notices for those who may see them, else the person's own. */
import { asked, type Entry, type Filter } from "@client/entries";
import { http, may, type Session } from "../../session";

/** What both sources tell of a notice. */
export type Told = Pick<
  Entry,
  "id" | "alert" | "key" | "status" | "severity" | "title" | "message" | "entity" | "url" | "labels" | "count" | "position" | "created_at" | "updated_at"
>;

export interface Page {
  items: Told[];
  next: string | null;
}

export interface Source {
  seesAll: boolean;
  page: (next: string | null, limit: number, signal?: AbortSignal) => Promise<Page>;
  /** What the source is asked: the same text is the same list. */
  key: string;
}

export function sourceOf(session: Session, { view: _, ...filter }: Filter, recipient: string | undefined): Source {
  const seesAll = may(session, "notices:read");
  const path = seesAll ? "/api/v1/notices" : "/api/v1/inbox";
  const more = seesAll ? (recipient ? { recipient } : {}) : { view: "all" };
  const query = { ...asked(filter as Filter), ...more };
  return {
    seesAll,
    page: (next, limit, signal) => http.get<Page>(path, { ...query, limit, next }, signal),
    key: `${path} ${JSON.stringify(query)}`,
  };
}
