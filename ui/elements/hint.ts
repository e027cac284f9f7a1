/** What stands where notices would: that they are coming, why there are none, or why they could not be loaded. */
import { html, nothing, type TemplateResult } from "lit";
import type { Say, TextKey } from "./text";

const EMPTY: Record<"unread" | "inbox" | "archived", TextKey> = { unread: "emptyUnread", inbox: "emptyTitle", archived: "emptyArchived" };

export const hint = (say: Say, text: TextKey): TemplateResult =>
  html`<div part="empty" class="hint"><p class="strong">${say(text)}</p></div>`;

export const loading = (say: Say): TemplateResult =>
  html`<slot name="loading"><p class="hint loading" role="status">${say("loading")}</p></slot>`;

export const empty = (say: Say, view: keyof typeof EMPTY): TemplateResult => html`<slot name="empty">${hint(say, EMPTY[view])}</slot>`;

export function nothingFound(say: Say, onClear: () => void): TemplateResult {
  return html`<slot name="empty-filtered"
    >${hint(say, "emptyFound")}
    <p class="hint"><button class="link" @click=${onClear}>${say("clear")}</button></p></slot
  >`;
}

/** At the end of what is loaded. */
export const more = (say: Say, { loading }: { loading: unknown }, onMore: () => void): TemplateResult =>
  html`<div class="end"><button part="action" @click=${onMore}>${say(loading ? "loading" : "loadMore")}</button></div>`;

export function trouble(say: Say, why: string, requestId: string | null, onRetry: () => void): TemplateResult {
  return html`<slot name="error">
    <div part="error" class="hint" role="alert">
      <p class="strong">${say("errorTitle")}</p>
      <p>${why}</p>
      ${requestId ? html`<p class="small">${say("request", { id: requestId })}</p>` : nothing}
      <button class="solid" @click=${onRetry}>${say("retry")}</button>
    </div>
  </slot>`;
}
