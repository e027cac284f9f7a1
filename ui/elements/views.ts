/** What an inbox can show, as tabs. */
import type { View } from "@client/entries";
import { html, type TemplateResult } from "lit";
import type { Say } from "./text";

export const VIEWS = { unread: "viewUnread", inbox: "viewAll", archived: "viewArchived" } as const;
export type Tab = keyof typeof VIEWS;

/** The tab of a view; what is unknown, or has none, is everything that is not archived. */
export const tabOf = (view: View): Tab => (view in VIEWS ? (view as Tab) : "inbox");

export function tabs(say: Say, chosen: View, onChoose: (tab: Tab) => void): TemplateResult {
  return html`<div part="tabs" class="tabs" role="group" aria-label=${say("views")}>
    ${(Object.keys(VIEWS) as Tab[]).map(
      (tab) =>
        html`<button part="tab" class="tab" aria-pressed=${String(tab === chosen)} @click=${() => onChoose(tab)}>${say(VIEWS[tab])}</button>`,
    )}
  </div>`;
}
