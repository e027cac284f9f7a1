/** <notice-toasts>: what has just arrived, in a corner of the page, until it was seen. */
import { type Entry, linkOf, nameOf } from "@client/entries";
import { Speaker } from "@client/speaker";
import { AWAY, durationOf, type Shown, type Toast, ToastQueue } from "@client/toasts";
import { excerpt } from "@shared/excerpt";
import { rankOf } from "@shared/severity";
import { GRAVE, justPlayed, playTune } from "@shared/tune";
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { each } from "./each";
import { announcer } from "./announce";
import { watchArrivals } from "./arrivals";
import type { NoticeBell } from "./bell";
import type { NoticeClient } from "./connect";
import { NoticeElement } from "./element";
import { isPlain } from "./clicks";
import * as icons from "./icons";
import { links } from "./links";
import { glyph, severityOf } from "./severity";
import { theme } from "./theme";
import { toastsSheet } from "./toasts_sheet";

type Position = "bottom-end" | "bottom-start" | "top-end" | "top-start";
const VOLUME = 0.5;

export class NoticeToasts extends NoticeElement {
  static override styles = [theme, toastsSheet];
  static override properties: PropertyDeclarations = {
    position: { reflect: true },
    limit: { type: Number },
    minSeverity: { attribute: "min-severity" },
    stay: { type: Boolean },
    persist: {},
    duration: { type: Number },
    sound: {},
    shouldShow: { attribute: false },
    renderToast: { attribute: false },
    shown: { state: true },
  };

  position: Position = "bottom-end";
  /** How many are shown at once. */
  limit = 3;
  /** The least severity that is shown. */
  minSeverity = "info";
  /** Nothing goes by itself. */
  stay = false;
  /** The severities that do not go by themselves. */
  persist = "error,critical";
  /** So many seconds the others are shown; 0: as long as reading takes. */
  duration = 0;
  /** `policy`: what is critical or an error is heard, in one tab, and in three seconds once. */
  sound: "off" | "policy" = "off";
  /** A last word of the host's: false, and there is no toast. */
  shouldShow: (notice: Entry) => boolean = () => true;
  /** Draws a notice in the host's own way, in place of its title, text and actions. */
  renderToast: ((notice: Entry) => Node) | undefined;

  private shown: Shown = { toasts: [], more: 0 };

  private readonly entries = new Map<string, Entry>();
  /** What the host has drawn, by notice: once, so that it keeps its focus. */
  private readonly drawn = new WeakMap<Entry, Node>();
  private toasts = this.makeQueue();
  private readonly speaker = new Speaker({ say: (news, urgent) => announcer.say(this.spoken(news), urgent) });
  private focusBefore: HTMLElement | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    announcer.hold();
    addEventListener("keydown", this.onKey);
    document.addEventListener("visibilitychange", this.onVisibility);
    document.addEventListener("notice-toggle", this.onToggle);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    announcer.release();
    removeEventListener("keydown", this.onKey);
    document.removeEventListener("visibilitychange", this.onVisibility);
    document.removeEventListener("notice-toggle", this.onToggle);
    this.toasts.dismissAll();
    this.toasts.stop();
    this.speaker.stop();
  }

  get queue(): readonly Toast[] {
    return this.shown.toasts;
  }

  show(notice: Entry): void {
    this.admit(notice);
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
        onNews: (entry) => wanted(entry) && this.arrive(entry, client),
        onMissed: (entries) => this.missed(entries.filter(wanted)),
        onOver: (id) => this.dismiss(id, "read"),
      }),
    );
    until(client.onState((state) => state === "signed-out" && this.dismissAll()));
    until(() => this.dismissAll());
  }

  protected override updated(changed: PropertyValues): void {
    if (["stay", "persist", "duration"].some((name) => changed.has(name))) this.toasts.reconsider();
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
        ${each(toasts, (toast) => toast.id, (toast) => this.card(toast))}
        ${more > 0 ? this.overflow(more) : nothing}
      </div>
    </div>`;
  }

  private get region(): HTMLElement | null {
    return this.renderRoot?.querySelector("[popover]") ?? null;
  }

  private overflow(n: number): TemplateResult {
    return html`<button class="card overflow" part="overflow" @click=${() => this.showAll()}>
      <slot name="overflow">${this.say("more", { n })}</slot>
    </button>`;
  }

  private card(toast: Toast): TemplateResult {
    const severity = severityOf(toast.severity);
    const entry = this.entries.get(toast.id);
    const title = this.titleOf(toast);
    return html`<article part="toast toast-${severity}" class="card ${severity}" tabindex="0" aria-label="${this.say(severity)}: ${title}">
      <span part="severity">${glyph(severity)}</span>
      <div class="text">${(entry && this.draw(entry)) ?? this.content(toast, title, entry)}</div>
      <button part="close" class="close" aria-label=${this.say("dismiss")} @click=${() => this.dismiss(toast.id, "closed")}>${icons.cross}</button>
    </article>`;
  }

  private draw(notice: Entry): Node | undefined {
    const node = this.drawn.get(notice) ?? this.renderToast?.(notice);
    if (node) this.drawn.set(notice, node);
    return node;
  }

  private content({ id, body }: Toast, title: string, entry: Entry | undefined): TemplateResult {
    return html`<h3 part="title">${entry ? this.linked(entry, title) : this.summed(id, title)}</h3>
      ${body ? html`<p part="body">${body}</p>` : nothing} ${entry ? this.actions(entry) : nothing}`;
  }

  private linked(notice: Entry, title: string): TemplateResult | string {
    const href = linkOf(notice)?.href;
    return href ? html`<a href=${href} @click=${(event: MouseEvent) => this.open(event, notice, "open", href)}>${title}</a>` : title;
  }

  private summed(id: string, title: string): TemplateResult {
    return html`<button class="link" @click=${() => this.showAll(id)}>${title}</button>`;
  }

  private actions(notice: Entry): TemplateResult {
    return html`<div part="actions" class="links">
      <button part="action" class="link" @click=${() => this.act(notice, "read")}>${this.say("read")}</button>
      ${links(notice, (event, url) => this.open(event, notice, "link", url))}
    </div>`;
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

  /** Whether there is a toast of it now. */
  private admit(notice: Entry): boolean {
    const { id, severity } = notice;
    const title = nameOf(notice);
    if (!this.shouldShow(notice) || !this.emit("notice-toast-show", { notice }, true)) return false;
    this.entries.set(id, notice);
    this.toasts.show({ id, severity, title, body: excerpt(notice.message) });
    this.speaker.add({ severity, title });
    return true;
  }

  private arrive(notice: Entry, client: NoticeClient): void {
    const tune = this.admit(notice) && this.sound === "policy" ? GRAVE[notice.severity] : undefined;
    if (tune && client.stream.leading && !justPlayed()) playTune(tune, VOLUME);
  }

  private missed(entries: readonly Entry[]): void {
    const [only] = entries;
    if (entries.length === 1 && only) return this.show(only);
    this.toasts.missed(entries.map(({ id, severity, title, message }) => ({ id, severity, title, body: message })));
    if (entries.length > 0) announcer.say(this.say("away", { n: entries.length }));
  }

  /** A plain click goes the host's way, if it has one; with a modifier it stays the browser's. */
  private open(event: MouseEvent, notice: Entry, action: string, url: string): void {
    if (!isPlain(event)) return;
    if (this.act(notice, action, url)) this.used?.go(event, notice, url);
    else event.preventDefault();
  }

  /** Whoever does something with it has read it. false: the host does it its own way. */
  private act(notice: Entry, action: string, url: string | null = null): boolean {
    const ours = this.emit("notice-toast-action", { action, url, notice }, true);
    const refused = (problem: unknown) => this.emit("notice-error", { problem });
    if (ours || action !== "read") this.used?.inbox.act("read", [notice.id]).catch(refused);
    this.dismiss(notice.id, action);
    return ours;
  }

  /** What a digest tells of, and what finds no place, stands in the inbox. */
  private showAll(id = ""): void {
    this.dismiss(id, "open");
    if (this.emit("notice-toast-more", {}, true)) document.querySelector<NoticeBell>("notice-bell")?.show();
  }

  private makeQueue(): ToastQueue {
    const limit = () => this.limit;
    return new ToastQueue({
      onChange: (shown) => this.take(shown),
      stay: () => this.stay,
      persists: (severity) => this.persist.includes(severity),
      lasts: (toast) => this.duration * 1000 || durationOf(toast),
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

  /** Who has opened the inbox sees there what the toasts say. */
  private readonly onToggle = (event: Event) => (event as CustomEvent<{ open: boolean }>).detail.open && this.dismissAll();

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
