/** <notice-inbox>: a person's notices, newest first, kept true while one looks at them. */
import { type Entry, isUnread } from "@client/entries";
import type { Done, InboxList, ListSnapshot, Row } from "@client/inbox";
import type { Problem } from "@client/problem";
import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { each } from "./each";
import { announcer } from "./announce";
import type { NoticeClient } from "./connect";
import { NoticeElement } from "./element";
import { isPlain } from "./clicks";
import { type GroupBy, grouped } from "./groups";
import { empty, hint, loading, more, nothingFound, trouble } from "./hint";
import * as icons from "./icons";
import { inboxSheet } from "./inbox_sheet";
import { commandOf, type Verb } from "./keys";
import type { Locale } from "./text";
import { Outcome } from "./outcome";
import { Reader } from "./reader";
import { type OwnAction, row } from "./row";
import { SearchField } from "./search";
import { Stale } from "./stale";
import { theme } from "./theme";
import { narrowed, type Narrowed, type OwnTab, tabOf, TABS, tabs } from "./views";

const CLOCK_MS = 20_000;

/** What a host's own drawing of a notice is given beside it. */
export interface ItemContext {
  locale: Locale;
  /** A click that goes where the notice points. */
  open: (event: MouseEvent) => void;
  act: (action: Verb) => void;
}

export class NoticeInbox extends NoticeElement {
  static override styles = [theme, inboxSheet];
  static override properties: PropertyDeclarations = {
    mode: { reflect: true },
    view: {},
    filter: { converter: narrowed },
    tabs: { converter: (text) => text?.split(/\s+/).filter(Boolean) ?? TABS },
    groupBy: { attribute: "group-by" },
    live: {},
    density: { reflect: true },
    pageSize: { type: Number, attribute: "page-size" },
    hideHeader: { type: Boolean, attribute: "hide-header" },
    hideSearch: { type: Boolean, attribute: "hide-search" },
    actions: { attribute: false },
    renderItem: { attribute: false },
    opened: { state: true },
  };

  mode: "panel" | "page" | "popover" = "panel";
  /** The tab that is chosen: `unread`, `inbox`, `archived`, or one of the host's. */
  view = "unread";
  /** Only what matches, in every tab. */
  filter: Narrowed = {};
  tabs: readonly (string | OwnTab)[] = TABS;
  groupBy: GroupBy = "none";
  /** `off`: what arrives waits until the reader asks for it. */
  live: "on" | "off" = "on";
  density: "comfortable" | "compact" = "comfortable";
  pageSize = 30;
  hideHeader = false;
  hideSearch = false;
  /** What the host's page can do with a notice; it hears of it by `notice-action`. */
  actions: readonly OwnAction[] = [];
  /** Draws a notice in the host's own way, between its severity and its actions; called anew when the notice changes. */
  renderItem: ((notice: Entry, context: ItemContext) => Node) | undefined;

  private opened: string | undefined;
  private drawn = new WeakMap<Entry, Node>();
  private list: InboxList | undefined;
  private stopList: (() => void) | undefined;
  private acting: Promise<unknown> = Promise.resolve();
  private clock: ReturnType<typeof setInterval> | undefined;
  private readonly search = new SearchField(this.say, () => this.look());
  private readonly outcome = new Outcome(this, this.say, () => void this.undo());
  private readonly stale = new Stale(this, this.say, this.when);
  private readonly reader = new Reader(() => this.renderRoot as ShadowRoot, { hold: (held) => this.list?.hold(held || this.live === "off") });
  private readonly end = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && void this.loadMore());

  override connectedCallback(): void {
    super.connectedCallback();
    announcer.hold();
    this.clock = setInterval(() => !document.hidden && this.requestUpdate(), CLOCK_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    announcer.release();
    this.end.disconnect();
    this.outcome.clear();
    this.stale.become(true);
    this.search.stop();
    clearInterval(this.clock);
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
    return this.act("read", ids);
  }

  markArchived(ids: readonly string[]): Promise<void> {
    return this.act("archive", ids);
  }

  /** Do it as a click would: shown at once, announced by events, and it can be undone. */
  async act(action: Verb, ids: readonly string[]): Promise<void> {
    const { inbox } = this.used ?? {};
    if (!inbox || ids.length === 0 || !this.emit("notice-action", { action, ids }, true)) return;
    const acted = action === "acknowledge" ? Promise.all(ids.map((id) => inbox.acknowledge(id))) : inbox.act(action, ids);
    this.acting = acted.then((done) => "act" in done && this.outcome.done(done), this.fail);
    await this.acting;
    this.emit("notice-change", { ids });
  }

  async undo(): Promise<void> {
    await this.acting; // what is on its way can be undone when it has arrived
    this.outcome.clear();
    await this.used?.inbox.undo().catch(this.fail);
  }

  focusItem(id: string): void {
    this.reader.rows.find((one) => one.dataset.id === id)?.focus();
  }

  override focus(): void {
    (this.reader.heading ?? this.reader.rows[0])?.focus();
  }

  protected override use(client: NoticeClient, until: (end: () => void) => void): void {
    this.look();
    until(() => this.stopList?.());
    until(client.onState(() => this.connection()));
    this.connection();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const before = this.list;
    super.willUpdate(changed);
    if (changed.has("renderItem")) this.drawn = new WeakMap();
    if (before && before === this.list && ["view", "filter", "tabs", "pageSize"].some((name) => changed.has(name))) this.look();
    if (changed.has("live")) this.reader.hold();
  }

  protected override updated(): void {
    const last = this.renderRoot.querySelector(".end");
    this.end.disconnect();
    if (last) this.end.observe(last);
    this.mark("empty", this.items.length === 0);
    this.reader.keep();
  }

  protected override render(): TemplateResult {
    const { reader } = this;
    return html`<div class="root ${this.mode} ${this.density} ${this.groupBy}" @keydown=${this.onKey}>
      ${this.hideHeader ? nothing : this.header()} ${this.stale.render()}
      <div
        class="scroll"
        @scroll=${reader.hold}
        @pointerenter=${() => reader.point(true)}
        @pointerleave=${() => reader.point(false)}
        @focusin=${reader.onFocus}
        @focusout=${reader.onBlur}
      >
        ${this.body()}
      </div>
      ${this.outcome.render()}
      <div part="footer"><slot name="footer"></slot></div>
    </div>`;
  }

  private header(): TemplateResult {
    const canReadAll = this.items.some(isUnread);
    return html`<header part="header">
      <div class="line">
        <slot name="header"><h2 tabindex="-1">${this.say("notifications")}</h2></slot>
        <slot name="toolbar">
          ${canReadAll ? html`<button part="action" class="link" @click=${this.readAll}>${icons.check}${this.say("readAll")}</button>` : nothing}
        </slot>
      </div>
      ${tabs(this.say, this.tabs, this.view, this.choose)}
      ${this.hideSearch
        ? nothing
        : this.search.render()}
    </header>`;
  }

  private body(): TemplateResult {
    const list = this.list?.snapshot();
    if (this.used?.state === "signed-out") return hint(this.say, "signedOut");
    if (!list || (list.asOf === null && !list.problem)) return loading(this.say);
    const { rows, waiting, problem, ended } = list;
    const rest = ended || rows.length === 0 ? nothing : more(this.say, list, this.loadMore);
    return html`
      ${waiting > 0 ? html`<button part="pill" class="pill solid" @click=${this.takeFresh}>${this.say("fresh", { n: waiting })}</button>` : nothing}
      ${rows.length > 0 ? this.feeds(list) : problem ? nothing : this.blank()}
      ${problem ? this.trouble(problem, rows.length > 0) : rest}
    `;
  }

  private feeds({ rows, ended, loading }: ListSnapshot): unknown {
    const groups = [...grouped(rows, this.groupBy, this.locale, this.when)];
    return each(
      groups,
      ([name]) => name,
      ([name, some], index) => {
        const size = ended || index < groups.length - 1 ? some.length : -1;
        return html`${name ? html`<h3 part="group" class="group">${name}</h3>` : nothing}
          <div role="feed" part="list" aria-label=${name || this.tab.label} aria-busy=${String(loading !== null)}>
            ${each(some, ({ entry }) => entry.id, (one, at) => this.row(one, at, size))}
          </div>`;
      },
    );
  }

  private row({ entry, leaving }: Row, index: number, size: number): TemplateResult {
    const { say, locale, when } = this;
    const [open, act] = [(event: MouseEvent, url = entry.url) => this.open(event, entry, url), (verb: Verb) => void this.act(verb, [entry.id])];
    return row(entry, {
      ...{ index, size, say, locale, when, own: this.actions },
      faded: leaving,
      expanded: entry.id === this.opened,
      content: this.renderItem && this.draw(entry, this.renderItem, { locale, open, act }),
      onOpen: open,
      onAct: act,
      onOwn: (action) => this.emit("notice-action", { action, ids: [entry.id] }),
    });
  }

  /** The same node while the notice is the same: what the host has in it keeps its focus. */
  private draw(entry: Entry, by: NonNullable<typeof this.renderItem>, context: ItemContext): Node {
    const node = this.drawn.get(entry) ?? by(entry, context);
    this.drawn.set(entry, node);
    return node;
  }

  private get tab(): ReturnType<typeof tabOf> {
    return tabOf(this.tabs, this.view, this.say);
  }

  private trouble(problem: Problem, hasRows: boolean): TemplateResult {
    const retry = () => void (hasRows ? this.list?.loadMore() : this.list?.refresh());
    return trouble(this.say, this.why(problem), problem.requestId, retry);
  }

  private blank(): TemplateResult {
    return this.search.q ? nothingFound(this.say, () => this.search.ask("")) : empty(this.say, this.tab.view);
  }

  /** A list of what the tab, the host and the words say, in place of the one before. */
  private look(): void {
    this.stopList?.();
    const { q } = this.search;
    const { view, filter } = this.tab;
    const list = this.used?.inbox.list({ ...this.filter, ...filter, view, ...(q ? { q } : {}) }, this.pageSize);
    this.list = list;
    const end = list?.subscribe(() => this.requestUpdate());
    this.stopList = () => {
      end?.();
      list?.close();
      this.list = undefined;
    };
    this.reader.hold();
    this.requestUpdate();
  }

  private readonly choose = (view: string): void => {
    this.view = view;
    this.emit("notice-view", { view });
  };

  /** All that match and were there when the list was read: what came later stays unread. */
  private async readAll(): Promise<void> {
    const { asOf } = this.list?.snapshot() ?? {};
    if (!this.list || !asOf || !this.emit("notice-action", { action: "read-all", ids: [] }, true)) return;
    const done = (one: Done) => this.outcome.done(one);
    await this.used?.inbox.actOnAll("read", this.list.filter, asOf).then(done, this.fail);
  }

  private readonly fail = (problem: unknown): void => {
    this.outcome.failed(this.why(problem as Problem));
    this.emit("notice-error", { problem });
  };

  /** A plain click goes the host's way, if it has one; one without an address shows the whole text here. */
  private open(event: MouseEvent, notice: Entry, url: string | null): void {
    if (!isPlain(event)) return;
    if (!this.emit("notice-open", { notice, url }, true)) event.preventDefault();
    else if (event.currentTarget instanceof HTMLAnchorElement) this.used?.go(event, notice, url);
    else this.opened = this.opened === notice.id ? undefined : notice.id;
    if (isUnread(notice)) this.used?.inbox.act("read", [notice.id]).catch(this.fail);
  }

  private takeFresh(): void {
    this.list?.take();
    this.reader.scroller?.scrollTo({ top: 0 });
    void this.updateComplete.then(() => this.reader.rows[0]?.focus());
  }

  private connection(): void {
    const live = this.used?.state === "live";
    this.stale.become(live || this.used?.state === "signed-out");
    if (live && this.list?.snapshot().problem) void this.list.refresh();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const { rows } = this.reader;
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
    else void this.act(command, [entry.id]);
  };
}
