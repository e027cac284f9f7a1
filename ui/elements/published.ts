/** What is published as types (public/notice-elements.d.ts) is what there is: this file does not compile otherwise. */
import type * as Real from "./index";
import type * as Published from "./public/notice-elements";

type Same<A, B extends A> = B;
/** Own members of an element; `client` and `messages` are published in fewer words. */
type Own<Element> = Omit<Element, keyof HTMLElement | "client" | "messages">;

export type Checked = [
  Same<Own<Published.NoticeBell>, Own<Real.NoticeBell>>,
  Same<Own<Published.NoticeInbox>, Own<Real.NoticeInbox>>,
  Same<Own<Published.NoticeToasts>, Own<Real.NoticeToasts>>,
  Same<Published.NoticeClient, Real.NoticeClient>,
  Same<Published.Notice, Real.Notice>,
  Same<Real.NoticeOptions, Published.NoticeOptions>,
];
