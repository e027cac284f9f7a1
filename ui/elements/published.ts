/** What is published as types (public/notice-elements.d.ts) is what there is, no more and no less: else this does not compile. */
import type { Counts, Severity, View } from "@client/entries";
import type { Toast } from "@client/toasts";
import type { LitElement } from "lit";
import type { ItemContext } from "./inbox";
import type * as Real from "./index";
import type { Verb } from "./keys";
import type * as Published from "./public/notice-elements";
import type { OwnAction } from "./row";
import type { Narrowed, OwnTab } from "./views";

type SameKeys<A, B> = [Exclude<keyof A, keyof B>, Exclude<keyof B, keyof A>] extends [never, never] ? true : false;
/** The same members, each of a type that does for the other. */
type Equal<A extends B, B> = B extends A ? SameKeys<A, B> : false;
/** What we have does for what is published. */
type Enough<A extends B, B> = A extends B ? true : false;
type All<Checks extends readonly true[]> = Checks;
/** Own members of an element; `client` and `messages` are published in fewer words, Lit's are nobody's business. */
type Own<Element> = Omit<Element, Exclude<keyof LitElement, "lang" | "focus"> | "client" | "messages">;

export type Checked = All<
  [
    Equal<Own<Real.NoticeBell>, Own<Published.NoticeBell>>,
    Equal<Own<Real.NoticeInbox>, Own<Published.NoticeInbox>>,
    Equal<Own<Real.NoticeToasts>, Own<Published.NoticeToasts>>,
    Equal<Real.Notice, Published.Notice>,
    Equal<Counts, Published.Counts>,
    Equal<Severity, Published.Severity>,
    Equal<View, Published.View>,
    Equal<Verb, Published.Action>,
    Equal<Narrowed, Published.Filter>,
    Equal<OwnTab, Published.Tab>,
    Equal<OwnAction, Published.OwnAction>,
    Equal<ItemContext, Published.ItemContext>,
    Equal<Toast, Published.Toast>,
    Equal<Real.Item, Published.Item>,
    Equal<Real.TopicEvent, Published.TopicEvent>,
    Equal<Real.Follower, Published.Follower>,
    Equal<Real.StreamState, Published.StreamState>,
    Enough<Real.NoticeClient, Published.NoticeClient>,
    Enough<Published.NoticeOptions, Real.NoticeOptions>,
  ]
>;
