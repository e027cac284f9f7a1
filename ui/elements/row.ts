/** One notice of the inbox. */
import { type Entry, isUnread, linkOf, nameOf } from "@client/entries";
import { excerpt } from "@shared/excerpt";
import { relativeTime, type TimeShape } from "@shared/time";
import { html, nothing, type TemplateResult } from "lit";
import * as icons from "./icons";
import type { Verb } from "./keys";
import { links } from "./links";
import { glyph, severityOf } from "./severity";
import type { Locale, Say } from "./text";

/** Something that a host's page can do with a notice; `when` says with which. */
export interface OwnAction {
  name: string;
  label: string;
  when?: (notice: Entry) => boolean;
}

export interface RowContext {
  index: number;
  /** How many there are; -1 when nobody knows yet. */
  size: number;
  say: Say;
  locale: Locale;
  when: (at: number, shape: TimeShape) => string;
  /** It is not what the list shows any more. */
  faded: boolean;
  expanded: boolean;
  /** The host's own way to draw it. */
  content: Node | undefined;
  own: readonly OwnAction[];
  onOpen: (event: MouseEvent, url: string | null) => void;
  onAct: (verb: Verb) => void;
  onOwn: (name: string) => void;
}

export function row(entry: Entry, context: RowContext): TemplateResult {
  const { say, index, size, faded } = context;
  const severity = entry.status === "resolved" ? "success" : severityOf(entry.severity);
  const unread = isUnread(entry);
  const title = nameOf(entry);
  return html`<article
    part="item ${unread ? "item-unread" : ""}"
    class="item ${severity} ${unread ? "unread" : ""} ${faded ? "faded" : ""}"
    data-id=${entry.id}
    tabindex="0"
    aria-posinset=${index + 1}
    aria-setsize=${size}
    aria-label="${say(severity)}: ${title}${unread ? `, ${say("unreadMark")}` : ""}"
  >
    <span part="severity">${glyph(severity)}</span>
    <div class="what">
      ${context.content ? html`${context.content}${more(entry, context)}` : content(entry, title, context)}
    </div>
    <div part="actions" class="actions">${actions(entry, context)}</div>
  </article>`;
}

function content(entry: Entry, title: string, context: RowContext): TemplateResult {
  const href = linkOf(entry)?.href ?? null;
  const onOpen = (event: MouseEvent) => context.onOpen(event, href);
  const text = excerpt(entry.message, context.expanded ? 20_000 : 400);
  return html`
    <h3 part="title">
      ${href
        ? html`<a class="title" href=${href} @click=${onOpen}>${title}</a>`
        : html`<button class="title" aria-expanded=${String(context.expanded)} @click=${onOpen}>${title}</button>`}
    </h3>
    ${text ? html`<p part="body" class="body ${context.expanded ? "whole" : ""}">${text}</p>` : nothing}
    ${more(entry, context)}
    <p part="meta" class="meta">${meta(entry, context)}</p>
  `;
}

/** What the notice itself offers, and what the host does. */
function more(entry: Entry, { own, onOpen, onOwn }: RowContext): TemplateResult | typeof nothing {
  const all = [
    ...links(entry, onOpen),
    ...own
      .filter(({ when }) => !when || when(entry))
      .map(({ name, label }) => html`<button part="action" class="link" @click=${() => onOwn(name)}>${label}</button>`),
  ];
  return all.length > 0 ? html`<div part="links" class="links">${all}</div>` : nothing;
}

function meta(entry: Entry, { say, locale, when }: RowContext): TemplateResult {
  const at = Date.parse(entry.updated_at);
  const short = relativeTime(at, Date.now(), locale) ?? when(at, "short");
  return html`<time part="time" datetime=${entry.updated_at} title=${when(at, "full")}>${short}</time>
    <span>${entry.alert}</span>
    ${entry.count > 1 ? html`<span>${say("times", { n: entry.count })}</span>` : nothing}
    ${entry.status === "resolved" ? html`<span class="success tone">${say("resolved")}</span>` : nothing}
    ${entry.acknowledged_at ? html`<span>${say("acknowledged")}</span>` : nothing}`;
}

function actions(entry: Entry, { say, onAct }: RowContext): TemplateResult {
  const action = (act: Verb, icon: TemplateResult) =>
    html`<button part="action" aria-label=${say(act)} title=${say(act)} @click=${() => onAct(act)}>${icon}</button>`;
  return html`${isUnread(entry) ? action("read", icons.check) : entry.archived_at ? nothing : action("unread", icons.dot)}
  ${entry.acknowledged_at || entry.status === "resolved" ? nothing : action("acknowledge", icons.flag)}
  ${entry.archived_at ? action("unarchive", icons.unarchive) : action("archive", icons.archive)}`;
}
