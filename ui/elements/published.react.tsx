/** A page of somebody who uses React: the published types are good for it, or this does not compile. */
import type { ReactElement } from "react";
import type { Notice } from "./public/notice-elements";
import type {} from "./public/react";

const draw = (notice: Notice): Node => document.createTextNode(notice.title);

export const page = (went: (url: string | null) => void): ReactElement => (
  <>
    <notice-bell server="https://alerts.example.com" token-url="/notice-token" lang="ru" count="attention" for="inbox" />
    <notice-inbox
      id="inbox"
      className="wide"
      hour-cycle="h23"
      group-by="day"
      hide-search
      filter={{ severity: ["critical"] }}
      tabs={["unread", { name: "disks", label: "Disks", filter: { topic: "disk" } }]}
      renderItem={draw}
      onnotice-open={(event) => went(event.detail.url)}
    />
    {/* @ts-expect-error nothing is called so */}
    <notice-toasts position="middle" />
  </>
);
