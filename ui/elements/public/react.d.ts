/** The elements in JSX of React 19, which sets their properties and listens to their events: <notice-bell onnotice-open={…} />. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { NoticeBell, NoticeEvents, NoticeInbox, NoticeToasts } from "./notice-elements";

type Listeners = { [Name in keyof NoticeEvents as `on${Name}`]?: (event: NoticeEvents[Name]) => void };
type Common = { "token-url"?: string; "time-zone"?: string; "hour-cycle"?: string };
/** Properties under the names of their attributes. */
interface Hyphened {
  bell: Common & { for?: string };
  inbox: Common & { "group-by"?: NoticeInbox["groupBy"]; "page-size"?: number; "hide-header"?: boolean; "hide-search"?: boolean };
  toasts: Common & { "min-severity"?: string };
}
type Own<Element> = Partial<Omit<Element, Exclude<keyof HTMLElement, "lang">>>;
type Props<Element extends HTMLElement, Also> = DetailedHTMLProps<Omit<HTMLAttributes<Element>, keyof Own<Element>>, Element> & Own<Element> & Also & Listeners;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "notice-bell": Props<NoticeBell, Hyphened["bell"]>;
      "notice-inbox": Props<NoticeInbox, Hyphened["inbox"]>;
      "notice-toasts": Props<NoticeToasts, Hyphened["toasts"]>;
    }
  }
}
