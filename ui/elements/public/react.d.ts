/** The elements in JSX of React 19, which sets their properties and listens to their events: <notice-bell onnotice-open={…} />. */
import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { NoticeBell, NoticeEvents, NoticeInbox, NoticeToasts } from "./notice-elements";

type Listeners = { [Name in keyof NoticeEvents as `on${Name}`]?: (event: NoticeEvents[Name]) => void };
type Attributes = { "token-url"?: string; "time-zone"?: string; "page-size"?: number; "min-severity"?: string; for?: string };
type Own<Element> = Partial<Omit<Element, keyof HTMLElement>> & Attributes & Listeners;
type Props<Element extends HTMLElement> = DetailedHTMLProps<HTMLAttributes<Element>, Element> & Own<Element>;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "notice-bell": Props<NoticeBell>;
      "notice-inbox": Props<NoticeInbox>;
      "notice-toasts": Props<NoticeToasts>;
    }
  }
}
