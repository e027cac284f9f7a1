/** <notice-inbox>: a person's notices, newest first, kept true while one looks at them. */
import { type Act, type Entry, isUnread, type View } from "@client/entries";
import type { Done, InboxList, ListSnapshot } from "@client/inbox";
import type { Problem } from "@client/problem";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { announcer } from "./announce";
import type { NoticeClient } from "./connect";
import { NoticeElement } from "./element";
import { isPlain } from "./entry";
import * as icons from "./icons";
import { inboxSheet } from "./inbox_sheet";
import { commandOf, type Verb } from "./keys";
import { row } from "./row";
import type { TextKey } from "./text";
import { theme } from "./theme";

const VIEWS = { unread: "viewUnread", inbox: "viewAll", archived: "viewArchived" } as const;
const DONE: Record<Act, TextKey> = { read: "doneRead", unread: "doneUnread", archive: "doneArchive", unarchive: "doneUnarchive" };
const UNDO_MS = 10_000;
const TYPING_MS = 250;
/** A blip of the connection is nobody's business. */
const BLIP_MS = 3_000;
const CLOCK_MS = 20_000;

export class NoticeInbox extends NoticeElement {
  static override styles = [theme, inboxSheet];

  @property({ reflect: true }) mode: "panel" | "page" | "popover" = "panel";
  @property() view: View = "unread";
  @property({ reflect: true }) density: "comfortable" | "compact" = "comfortable";
  @property({ type: Number, attribute: "page-size" }) pageSize = 30;
  @property({ type: Boolean, attribute: "hide-header" }) hideHeader = false;
  @property({ type: Boolean, attribute: "hide-search" }) hideSearch = false;
  /** Draws a notice in the host's own way, between its severity and its actions. */
  @property({ attribute: false }) renderItem: ((notice: Entry) => Node) | undefined;

  @state() private done: Done | undefined;
  @state() private staleSince: number | undefined;
  @state() private opened: string | undefined;
  @query(".scroll") private scroller!: HTMLElement | null;

  private list: InboxList | undefined;
  private stopList: (() => void) | undefined;
  private q = "";
  private acting: Promise<unknown> = Promise.resolve();
  private pointed = false;
  /** The row that has the focus: when it goes, the one that takes its place gets it. */
  private at: { id: string; index: number } | undefined;
  private liveAt = Date.now();
  private timers: Partial<Record<"undo" | "typing" | "blip" | "clock", ReturnType<typeof setTimeout>>> = {};
  private readonly end = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && void this.loadMore());

  override connectedCallback(): void {
    super.connectedCallback();
    announcer.hold();
    this.timers.clock = setInterval(() => !document.hidden && this.requestUpdate(), CLOCK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    announcer.release();
    this.end.disconnect();
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
  }

  get items(): readonly Entry[] {
    return this.list?.snapshot().rows.map((one) => one.entry) ?? [];
  }

  async refresh(): Promise<void> {
    await this.list?.refresh();
  }

  async loadMore(): Promise<void> {
    await this.list?.loadMore();
    this.emit("notice-load", { count: this.items.length });
  }

  markRead(ids: readonly string[]): Promise<void> {
    return this.act(ids, "read");
  }

  markArchived(ids: readonly string[]): Promise<void> {
    return this.act(ids, "archive");
  }

  async undo(): Promise<void> {
    await this.acting; // what is on its way can be undone when it has arrived
    this.done = undefined;
    await this.used?.inbox.undo().catch((problem: unknown) => this.fail(problem));
  }

  focusItem(id: string): void {
    this.rows.find((one) => one.dataset.id === id)?.focus();
  }

  override focus(): void {
    (this.renderRoot.querySelector<HTMLElement>("h2") ?? this.rows[0])?.focus();
  }

  protected override use(client: NoticeClient, until: (end: () => void) => void): void {
    this.look();
    until(() => this.stopList?.());
    until(client.onState((state) => this.connection(state === "live")));
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (changed.has("view") && this.list && this.list.filter.view !== this.view) this.look();
  }

  protected override updated(): void {
    const last = this.renderRoot.querySelector(".end");
    this.end.disconnect();
    if (last) this.end.observe(last);
    this.mark("empty", this.items.length === 0);
    this.keepFocus();
  }

  private keepFocus(): void {
    const { at, rows } = this;
    if (!at) return;
    const index = rows.findIndex((one) => one.dataset.id === at.id);
    if (index >= 0) {
      at.index = index;
    } else if (!this.shadowRoot?.activeElement) {
      this.at = undefined;
      (rows[Math.min(at.index, rows.length - 1)] ?? this.renderRoot.querySelector<HTMLElement>("h2"))?.focus();
    }
  }

  protected override render(): TemplateResult {
    return html`<div class="root ${this.mode} ${this.density}" @keydown=${this.onKey}>
      ${this.hideHeader ? nothing : this.header()} ${this.bar()}
      <div
        class="scroll"
        @scroll=${this.hold}
        @pointerenter=${() => this.point(true)}
        @pointerleave=${() => this.point(false)}
        @focusin=${this.onFocus}
        @focusout=${this.onBlur}
      >
        ${this.body()}
      </div>
      ${this.undoBar()}
      <div part="footer"><slot name="footer"></slot></div>
    </div>`;
  }

  private header(): TemplateResult {
    return html`<header part="header">
      <div class="line">
        <slot name="header"><h2 tabindex="-1">${this.say("notifications")}</h2></slot>
        <slot name="toolbar">
          ${this.items.some(isUnread)
            ? html`<button part="action" class="link" @click=${this.readAll}>${icons.check}${this.say("readAll")}</button>`
            : nothing}
        </slot>
      </div>
      <div class="line">
        <div part="tabs" class="tabs" role="group" aria-label=${this.say("views")}>
          ${(Object.keys(VIEWS) as (keyof typeof VIEWS)[]).map(
            (view) =>
              html`<button part="tab" class="tab" aria-pressed=${String(view === this.view)} @click=${() => this.choose(view)}>
                ${this.say(VIEWS[view])}
              </button>`,
          )}
        </div>
      </div>
      ${this.hideSearch
        ? nothing
        : html`<label part="search" class="search">${icons.glass}<span class="unseen">${this.say("search")}</span>
            <input type="search" placeholder=${this.say("search")} .value=${this.q} @input=${this.typed} />
          </label>`}
    </header>`;
  }

  private bar(): TemplateResult | typeof nothing {
    if (this.staleSince === undefined) return nothing;
    const time = new Intl.DateTimeFormat(this.locale, { timeStyle: "medium" }).format(this.staleSince);
    return html`<p class="bar" role="status">${this.say("offline", { time })}</p>`;
  }

  private body(): TemplateResult {
    const list = this.list?.snapshot();
    if (this.used?.state === "signed-out") return this.notice("empty", "signedOut");
    if (!list || (list.asOf === null && !list.problem)) {
      return html`<slot name="loading"><p class="hint loading" role="status">${this.say("loading")}</p></slot>`;
    }
    return html`
      ${list.waiting > 0
        ? html`<button part="pill" class="pill solid" @click=${this.takeFresh}>${this.say("fresh", { n: list.waiting })}</button>`
        : nothing}
      ${list.rows.length > 0 ? this.feed(list) : list.problem ? nothing : this.empty()}
      ${list.problem ? this.trouble(list.problem, list.rows.length > 0) : this.ending(list)}
    `;
  }

  private feed(list: ListSnapshot): TemplateResult {
    const size = list.ended ? list.rows.length : -1;
    return html`<div role="feed" part="list" aria-label=${this.say(VIEWS[this.shownView])} aria-busy=${String(list.loading !== null)}>
      ${repeat(
        list.rows,
        ({ entry }) => entry.id,
        ({ entry, leaving }, index) =>
          row(entry, {
            index,
            size,
            say: this.say,
            locale: this.locale,
            zone: this.timeZone,
            faded: leaving,
            expanded: entry.id === this.opened,
            content: this.renderItem,
            onOpen: (event) => this.open(event, entry),
            onAct: (verb) => void this.act([entry.id], verb),
          }),
      )}
    </div>`;
  }

  private ending({ ended, loading, rows }: ListSnapshot): TemplateResult | typeof nothing {
    if (ended || rows.length === 0) return nothing;
    return html`<div class="end"><button part="action" @click=${this.loadMore}>${this.say(loading ? "loading" : "loadMore")}</button></div>`;
  }

  private empty(): TemplateResult {
    if (this.q) {
      return html`<slot name="empty-filtered"
        >${this.notice("empty", "emptyFound")}
        <p class="hint"><button class="link" @click=${() => this.search("")}>${this.say("clear")}</button></p></slot
      >`;
    }
    const [title, text] = EMPTY[this.shownView];
    return html`<slot name="empty">${this.notice("empty", title, text && this.say(text))}</slot>`;
  }

  private trouble({ detail, requestId }: Problem, hasRows: boolean): TemplateResult {
    return html`<slot name="error">
      <div part="error" class="hint" role="alert">
        <p class="strong">${this.say("errorTitle")}</p>
        <p>${detail}</p>
        ${requestId ? html`<p class="small">${this.say("request", { id: requestId })}</p>` : nothing}
        <button class="solid" @click=${() => void (hasRows ? this.list?.loadMore() : this.list?.refresh())}>${this.say("retry")}</button>
      </div>
    </slot>`;
  }

  private notice(part: string, title: TextKey, text: string | undefined = undefined): TemplateResult {
    return html`<div part=${part} class="hint">
      <p class="strong">${this.say(title)}</p>
      ${text ? html`<p>${text}</p>` : nothing}
    </div>`;
  }

  private undoBar(): TemplateResult | typeof nothing {
    const { done } = this;
    if (!done) return nothing;
    return html`<div class="undo">
      <span>${this.doneWords(done)}</span>
      <button class="link" @click=${() => void this.undo()}>${this.say("undo")}</button>
    </div>`;
  }

  private doneWords({ act, touched }: Done): string {
    return this.say(DONE[act], { n: touched });
  }

  private get shownView(): keyof typeof VIEWS {
    return this.view in VIEWS ? (this.view as keyof typeof VIEWS) : "inbox";
  }

  private get rows(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>("article")];
  }

  /** A list of what the view and the words say, in place of the one before. */
  private look(): void {
    this.stopList?.();
    const list = this.used?.inbox.list({ view: this.shownView, ...(this.q ? { q: this.q } : {}) }, this.pageSize);
    this.list = list;
    const end = list?.subscribe(() => this.requestUpdate());
    this.stopList = () => {
      end?.();
      list?.close();
    };
    this.requestUpdate();
  }

  private choose(view: View): void {
    this.view = view;
    this.emit("notice-view", { view });
  }

  private search(q: string): void {
    this.q = q;
    this.look();
  }

  private typed(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    clearTimeout(this.timers.typing);
    this.timers.typing = setTimeout(() => this.search(value.trim()), TYPING_MS);
  }

  private async act(ids: readonly string[], verb: Verb): Promise<void> {
    const { inbox } = this.used ?? {};
    if (!inbox || ids.length === 0 || !this.emit("notice-action", { action: verb, ids }, true)) return;
    const acted = verb === "acknowledge" ? Promise.all(ids.map((id) => inbox.acknowledge(id))) : inbox.act(verb, ids);
    this.acting = acted.then(
      (done) => "act" in done && this.offer(done),
      (problem: unknown) => this.fail(problem),
    );
    await this.acting;
    this.emit("notice-change", { ids });
  }

  /** All that match and were there when the list was read: what came later stays unread. */
  private async readAll(): Promise<void> {
    const { asOf } = this.list?.snapshot() ?? {};
    if (!this.list || !asOf || !this.emit("notice-action", { action: "read-all", ids: [] }, true)) return;
    await this.used?.inbox.actOnAll("read", this.list.filter, asOf).then(
      (done) => this.offer(done),
      (problem: unknown) => this.fail(problem),
    );
  }

  private offer(done: Done): void {
    this.done = done.touched > 0 ? done : undefined;
    if (this.done) announcer.say(this.doneWords(done));
    clearTimeout(this.timers.undo);
    this.timers.undo = setTimeout(() => (this.done = undefined), UNDO_MS);
  }

  private fail(problem: unknown): void {
    announcer.say(this.say("failed", { why: (problem as Error).message }), true);
    this.emit("notice-error", { problem });
  }

  /** A plain click goes the host's way, if it has one; one without an address shows the whole text here. */
  private open(event: MouseEvent, notice: Entry): void {
    if (!isPlain(event)) return;
    if (!this.emit("notice-open", { notice }, true)) event.preventDefault();
    else if (event.currentTarget instanceof HTMLAnchorElement) this.used?.go(event, notice);
    else this.opened = this.opened === notice.id ? undefined : notice.id;
    if (isUnread(notice)) this.used?.inbox.act("read", [notice.id]).catch((problem: unknown) => this.fail(problem));
  }

  /** What arrives waits while somebody reads: rows never move under the pointer or the focus. */
  private readonly hold = (): void => {
    this.list?.hold(this.pointed || this.at !== undefined || (this.scroller?.scrollTop ?? 0) > 0);
  };

  private point(pointed: boolean): void {
    this.pointed = pointed;
    this.hold();
  }

  private readonly onFocus = (event: FocusEvent): void => {
    const index = this.rows.findIndex((one) => one.contains(event.target as Node));
    const id = this.rows[index]?.dataset.id;
    this.at = id === undefined ? undefined : { id, index };
    this.hold();
  };

  /** A row that is taken away loses the focus too, but that is not the reader's doing: `keepFocus` has its turn first. */
  private readonly onBlur = (): void => {
    const { at } = this;
    queueMicrotask(() => {
      if (this.at !== at || this.scroller?.contains(this.shadowRoot?.activeElement ?? null)) return;
      this.at = undefined;
      this.hold();
    });
  };

  private takeFresh(): void {
    this.list?.take();
    this.scroller?.scrollTo({ top: 0 });
    void this.updateComplete.then(() => this.rows[0]?.focus());
  }

  private connection(live: boolean): void {
    clearTimeout(this.timers.blip);
    if (live) this.staleSince = undefined;
    else this.timers.blip = setTimeout(() => (this.staleSince = this.liveAt), BLIP_MS);
    if (!live) this.liveAt = Date.now();
    else if (this.list?.snapshot().problem) void this.list.refresh();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const rows = this.rows;
    const index = rows.findIndex((one) => one.matches(":focus-within"));
    const command = commandOf(event);
    const entry = this.items[index];
    if (!command || (!entry && command !== "next")) return;
    event.preventDefault();
    if (command === "next") rows[index + 1]?.focus();
    else if (command === "previous") rows[index - 1]?.focus();
    else if (!entry) return;
    else if (command === "open") rows[index]?.querySelector<HTMLElement>(".title")?.click();
    else if (command === "undo") void this.undo();
    else void this.act([entry.id], command);
  };
}

const EMPTY: Record<keyof typeof VIEWS, [TextKey, TextKey?]> = {
  unread: ["emptyUnread", "emptyUnreadBody"],
  inbox: ["emptyTitle", "emptyBody"],
  archived: ["emptyArchived"],
};
