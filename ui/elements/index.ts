/**
 * <notice-bell>, <notice-inbox> and <notice-toasts> for any page. Loading this file defines them; loading it twice, or
 * another copy of it, is harmless.
 */
import { NoticeBell } from "./bell";
import { NoticeInbox } from "./inbox";
import { NoticeToasts } from "./toasts";

for (const [name, element] of Object.entries({
  "notice-inbox": NoticeInbox,
  "notice-bell": NoticeBell,
  "notice-toasts": NoticeToasts,
})) {
  if (!customElements.get(name)) customElements.define(name, element);
}

export { connectNotices, type NoticeClient, type NoticeOptions } from "./connect";
export type { Entry as Notice } from "@client/entries";
export type { Follower, Item, StreamState, TopicEvent } from "@client/stream";
export { NoticeBell, NoticeInbox, NoticeToasts };
