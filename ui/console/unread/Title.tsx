/** The title of the tab: how many notices wait, then where one is. */
import { badgeText, useCounts } from "./store";

export function Title({ children }: { children: string }) {
  const unread = badgeText(useCounts().unread);
  return <title>{`${unread && `(${unread}) `}${children} · alertwrap`}</title>;
}
