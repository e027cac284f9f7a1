/** Keeps the inbox followed while somebody is signed in, and shows its count where the tab can be seen: its icon. */
import { useEffect } from "react";
import { inbox, useCounts } from "./store";

export function Unread({ recipient }: { recipient: string | null }) {
  useEffect(() => (recipient === null ? undefined : inbox.open()), [recipient]);
  const counts = useCounts();
  const icon = counts.by_severity.critical > 0 ? "/favicon-critical.svg" : counts.unread > 0 ? "/favicon-dot.svg" : "/favicon.svg";
  useEffect(() => {
    document.getElementById("favicon")?.setAttribute("href", icon);
  }, [icon]);
  useEffect(() => {
    const badge = navigator as Partial<Pick<Navigator, "setAppBadge" | "clearAppBadge">>; // only where pages are installed
    (counts.unread > 0 ? badge.setAppBadge?.(counts.unread) : badge.clearAppBadge?.())?.catch(() => undefined);
  }, [counts.unread]);
  return null;
}
