/** <notice-toasts>: what has just arrived, in a corner of the page, until it was seen. */
import { type Entry, nameOf } from "@client/entries";
import { Speaker } from "@client/speaker";
import { AWAY, type Shown, type Toast, ToastQueue } from "@client/toasts";
import { excerpt } from "@shared/excerpt";
import { rankOf } from "@shared/severity";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { announcer } from "./announce";
import { watchArrivals } from "./arrivals";
import type { NoticeClient } from "./connect";
import { NoticeElement } from "./element";
import { isPlain, linkOf } from "./entry";
import * as icons from "./icons";
import { glyph, severityOf } from "./severity";
import { theme } from "./theme";
import { toastsSheet } from "./toasts_sheet";

type Position = "bottom-end" | "bottom-start" | "top-end" | "top-start";

export class NoticeToasts extends NoticeElement {
  static override styles = [theme, toastsSheet];

  @property({ reflect: true }) position: Position = "bottom-end";
  /** How many are shown at once. */
  @property({ type: Number }) limit = 3;
  /** The least severity that is shown. */
  @property({ attribute: "min-severity" }) minSeverity = "info";
  /** Nothing goes by itself. */
  @property({ type: Boolean }) stay = false;
  /** A last word of the host's: false, and there is no toast. */
  @property({ attribute: false }) shouldShow: (notice: Entry) => boolean = () => true;

  @state() private shown: Shown = { toasts: [], more: 0 };
  @query("[popover]") private region!: HTMLElement | null;

  private readonly entries = new Map<string, Entry>();
  private toasts = this.makeQueue();
  private readonly speaker = new Speaker({ say: (news, urgent) => announcer.say(this.spoken(news), urgent) });
  private focusBefore: HTMLElement | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    announcer.hold();
    addEventListener("keydown", this.onKey);
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    announcer.release();
    removeEventListener("keydown", this.onKey);
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.toasts.dismissAll();
    this.toasts.stop();
    this.speaker.stop();
  }

  get queue(): readonly Toast[] {
    return this.shown.toasts;
  }

  show(notice: Entry): void {
    const { id, severity } = notice;
    const title = nameOf(notice);
    if (!this.shouldShow(notice) || !this.emit("notice-toast-show", { notice }, true)) return;
    this.entries.set(id, notice);
    this.toasts.show({ id, severity, title, body: excerpt(notice.message) });
    this.speaker.add({ severity, title });
  }

  dismiss(id: string, reason = "host"): void {
    if (!this.shown.toasts.some((toast) => toast.id === id)) return;
    this.toasts.dismiss(id);
    this.emit("notice-toast-dismiss", { id, reason });
  }

  dismissAll(): void {
    this.toasts.dismissAll();
  }

  pause(): void {
    this.toasts.pause("host");
  }

  resume(): void {
    this.toasts.resume("host");
  }

  override focus(): void {
    this.focusBefore = document.activeElement as HTMLElement | null;
    this.region?.querySelector<HTMLElement>("article")?.focus();
  }

  protected override use(client: NoticeClient, until: (end: () => void) => void): void {
    const wanted = (entry: Entry) => rankOf(entry.severity) >= rankOf(this.minSeverity);
    until(
      watchArrivals(client, {
        onNews: (entry) => wanted(entry) && this.show(entry),
        onMissed: (entries) => this.missed(entries.filter(wanted)),
        onOver: (id) => this.dismiss(id, "read"),
      }),
    );
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("stay")) this.toasts.reconsider();
    const { region, shown } = this;
    if (!region?.isConnected) return;
    if (shown.toasts.length > 0) region.showPopover();
    else if (region.matches(":popover-open")) region.hidePopover();
  }

  protected override render(): TemplateResult {
    const { toasts, more } = this.shown;
    return html`<div class="root">
      <div
        popover="manual"
        part="region"
        role="region"
        aria-label=${this.say("notifications")}
        class="region ${this.position}"
        @pointerenter=${() => this.toasts.pause("pointer")}
        @pointerleave=${() => this.toasts.resume("pointer")}
        @focusin=${() => this.toasts.pause("focus")}
        @focusout=${() => this.toasts.resume("focus")}
      >
        ${repeat(toasts, (toast) => toast.id, (toast) => this.card(toast))}
        ${more > 0 ? html`<div class="card overflow" part="overflow"><slot name="overflow">${this.say("more", { n: more })}</slot></div>` : nothing}
      </div>
    </div>`;
  }

  private card(toast: Toast): TemplateResult {
    const severity = severityOf(toast.severity);
    const entry = this.entries.get(toast.id);
    const link = entry && linkOf(entry);
    const title = this.titleOf(toast);
    return html`<article part="toast toast-${severity}" class="card edge-${severity}" tabindex="0" aria-label="${this.say(severity)}: ${title}">
      ${glyph(severity)}
      <div class="text">
        <h3 part="title">${link ? html`<a href=${link} @click=${(event: MouseEvent) => this.open(event, toast)}>${title}</a>` : title}</h3>
        ${toast.body ? html`<p part="body">${toast.body}</p>` : nothing}
      </div>
      <button part="close" class="close" aria-label=${this.say("dismiss")} @click=${() => this.dismiss(toast.id, "closed")}>${icons.cross}</button>
    </article>`;
  }

  private titleOf({ kind, title, count, severities }: Toast): string {
    if (kind === "notice") return title;
    if (kind === AWAY) return this.say("away", { n: count });
    return this.summary(count, severities.critical ?? 0);
  }

  private summary(n: number, critical: number): string {
    return critical > 0 ? this.say("arrivedCritical", { n, critical }) : this.say("arrived", { n });
  }

  private spoken(news: readonly { severity: string; title: string }[]): string {
    const [first] = news;
    if (news.length === 1 && first) return `${this.say(severityOf(first.severity))}: ${first.title}`;
    return this.summary(news.length, news.filter(({ severity }) => severity === "critical").length);
  }

  private missed(entries: readonly Entry[]): void {
    const [only] = entries;
    if (entries.length === 1 && only) return this.show(only);
    this.toasts.missed(entries.map(({ id, severity, title, message }) => ({ id, severity, title, body: message })));
    if (entries.length > 0) announcer.say(this.say("away", { n: entries.length }));
  }

  /** A plain click goes the host's way, if it has one; with a modifier it stays the browser's. */
  private open(event: MouseEvent, toast: Toast): void {
    const notice = this.entries.get(toast.id);
    if (!notice || !this.used) return;
    if (!isPlain(event)) return;
    if (!this.emit("notice-toast-action", { action: "open", notice }, true)) event.preventDefault();
    else this.used.go(event, notice);
    this.used.inbox.act("read", [notice.id]).catch((problem: unknown) => this.emit("notice-error", { problem }));
    this.dismiss(toast.id, "opened");
  }

  private makeQueue(): ToastQueue {
    const limit = () => this.limit;
    return new ToastQueue({
      onChange: (shown) => this.take(shown),
      stay: () => this.stay,
      get limit() {
        return limit();
      },
    });
  }

  private take(shown: Shown): void {
    this.shown = shown;
    const kept = new Set(shown.toasts.map(({ id }) => id));
    for (const id of this.entries.keys()) if (!kept.has(id) && shown.more === 0) this.entries.delete(id);
  }

  private readonly onVisibility = () => (document.hidden ? this.toasts.pause("hidden") : this.toasts.resume("hidden"));

  private readonly onKey = (event: KeyboardEvent) => {
    const inside = this.matches(":focus-within");
    if (event.key === "F6" && this.shown.toasts.length > 0 && !event.defaultPrevented) {
      event.preventDefault();
      if (inside) this.focusBefore?.focus();
      else this.focus();
    } else if (event.key === "Escape" && inside) {
      const index = [...(this.region?.querySelectorAll("article") ?? [])].findIndex((one) => one.matches(":focus, :focus-within"));
      const toast = this.shown.toasts[index];
      if (toast) this.dismiss(toast.id, "closed");
      this.focusBefore?.focus();
    }
  };
}
