/** Where a notice points to. */
import type { Entry } from "@client/entries";

/** Only pages of the web, never a script. Paths are the host's own. */
export function linkOf(entry: Entry): string | null {
  if (!entry.url || !URL.canParse(entry.url, location.href)) return null;
  return ["http:", "https:"].includes(new URL(entry.url, location.href).protocol) ? entry.url : null;
}

/** Whether a click is for the page: with a modifier, or another button, it is for the browser. */
export const isPlain = (event: MouseEvent): boolean =>
  event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
