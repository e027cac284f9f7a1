/** <notice-bell>: how many notices wait, and the inbox a click away. */
import { type Counts, NO_COUNTS } from "@client/entries";
import { css, html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { NoticeElement } from "./element";
import * as icons from "./icons";
import type { NoticeInbox } from "./inbox";
import { beside, type Placement } from "./place";
import { theme } from "./theme";

export class NoticeBell extends NoticeElement {
  static override styles = [theme, sheet()];
  static override properties: PropertyDeclarations = {
    label: {},
    max: { type: Number },
    count: {},
    dot: { type: Boolean },
    placement: {},
    target: { attribute: "for" },
    disabled: { type: Boolean, reflect: true },
    isOpen: { state: true },
  };

  label = "";
  /** The largest number that is shown; more is this number and a plus. */
  max = 99;
  /** What is counted: everything unread, or only what is critical or an error. */
  count: "unread" | "attention" = "unread";
  /** A dot in place of the number. */
  dot = false;
  placement: Placement = "bottom-end";
  /** The id of a <notice-inbox> elsewhere in the page, which is shown in place of the popover. */
  target = "";
  disabled = false;

  private isOpen = false;
  private unplace: (() => void) | undefined;

  get open(): boolean {
    return this.isOpen;
  }

  set open(open: boolean) {
    if (open) this.show();
    else this.hide();
  }

  get counts(): Counts {
    return this.used?.inbox.counts() ?? NO_COUNTS;
  }

  show(): void {
    if (this.disabled) return;
    void this.updateComplete.then(() => this.panel.isConnected && this.panel.showPopover());
  }

  hide(): void {
    if (this.isOpen) this.panel.hidePopover();
  }

  toggle(): void {
    if (this.isOpen) this.hide();
    else this.show();
  }

  override focus(options?: FocusOptions): void {
    this.button.focus(options);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.unplace?.();
    this.isOpen = false;
  }

  protected override updated(): void {
    this.mark("open", this.isOpen);
    this.mark("empty", this.waiting === 0);
  }

  protected override render(): TemplateResult {
    const n = this.waiting;
    const label = this.label || this.say(this.used?.state === "signed-out" ? "signedOut" : n > 0 ? "bell" : "bellNone", { n });
    return html`<div class="root">
      <button
        part="button"
        class="bell"
        popovertarget=${this.target ? nothing : "panel"}
        aria-label=${label}
        aria-expanded=${this.target ? nothing : String(this.isOpen)}
        aria-haspopup=${this.target ? nothing : "dialog"}
        title=${label}
        ?disabled=${this.disabled}
        @click=${this.press}
      >
        <slot name="icon">${icons.bell}</slot>
        ${n > 0 ? this.badge(n) : nothing}
      </button>
      <div popover id="panel" part="popover" role="dialog" aria-label=${this.say("notifications")} @toggle=${this.toggled}>
        ${this.isOpen ? html`<slot name="panel">${this.own ? nothing : this.inbox()}</slot>` : nothing}
      </div>
    </div>`;
  }

  private get button(): HTMLElement {
    return this.renderRoot.querySelector("button") as HTMLElement;
  }

  private get panel(): HTMLElement {
    return this.renderRoot.querySelector("[popover]") as HTMLElement;
  }

  /** What the host shows in place of our inbox. */
  private get own(): HTMLElement | null {
    return this.querySelector('[slot="panel"]');
  }

  private get waiting(): number {
    if (this.used?.state === "signed-out") return 0; // whose they were is gone
    const { unread, by_severity } = this.counts;
    return this.count === "attention" ? by_severity.critical + by_severity.error : unread;
  }

  private badge(n: number): TemplateResult {
    const worst = this.counts.by_severity.critical > 0 ? "severe" : "";
    if (this.dot) return html`<span part="dot" class="dot ${worst}"></span>`;
    return html`<span part="badge" class="badge ${worst}" aria-hidden="true"><slot name="badge">${n > this.max ? `${this.max}+` : n}</slot></span>`;
  }

  private inbox(): TemplateResult {
    return html`<notice-inbox
      mode="popover"
      exportparts="header, tabs, tab, search, list, group, item, item-unread, severity, title, body, meta, time, links, actions, action, pill, empty, error, footer"
      theme=${this.theme}
      lang=${this.lang || nothing}
      .timeZone=${this.timeZone}
      .hourCycle=${this.hourCycle}
      .client=${this.used}
      .messages=${this.messages}
    ></notice-inbox>`;
  }

  private press(event: Event): void {
    if (!this.target) return;
    event.preventDefault();
    const inbox = (this.getRootNode() as Document | ShadowRoot).getElementById(this.target) as NoticeInbox | null;
    inbox?.scrollIntoView({ block: "nearest" });
    inbox?.focus();
  }

  private async toggled(event: ToggleEvent): Promise<void> {
    this.isOpen = event.newState === "open";
    this.unplace?.();
    this.unplace = this.isOpen ? beside(this.panel, this.button, this.placement) : undefined;
    this.emit("notice-toggle", { open: this.isOpen });
    await this.updateComplete;
    if (this.isOpen) (this.own ?? this.renderRoot.querySelector<HTMLElement>("notice-inbox"))?.focus();
    else if (document.activeElement === document.body) this.focus(); // what had the focus is gone
  }
}

function sheet() {
  return css`
    .bell {
      position: relative;
      width: 36px;
      height: 36px;
      padding: 0;
      border-radius: 999px;
      font-size: 18px;
    }
    .badge,
    .dot {
      position: absolute;
      inset-block-start: -2px;
      inset-inline-end: -4px;
      border-radius: 999px;
      background: var(--unread);
      color: var(--on-accent);
      outline: 2px solid var(--canvas);
      outline-offset: 0;
    }
    .badge {
      min-width: 18px;
      padding: 0 5px;
      font-size: 12px;
      font-weight: 700;
      line-height: 18px;
      text-align: center;
      font-variant-numeric: tabular-nums;
    }
    .dot {
      inset-block-start: 4px;
      inset-inline-end: 4px;
      width: 10px;
      height: 10px;
    }
    .severe {
      background: var(--critical);
      color: var(--on-critical);
    }
    [popover] {
      position: fixed;
      inset: auto;
      z-index: var(--notice-z, auto);
      width: min(var(--notice-width, 420px), calc(100vw - 16px));
      height: min(var(--notice-max-height, 560px), calc(100dvh - 24px));
      overflow: hidden;
      border: 1px solid var(--border);
      border-radius: var(--radius);
      background: var(--surface);
      box-shadow: var(--shadow);
    }
    [popover]:popover-open {
      animation: enter 140ms ease-out;
    }
    @keyframes enter {
      from {
        opacity: 0;
      }
    }
    @media (forced-colors: active) {
      .badge {
        outline: 1px solid CanvasText;
      }
    }
  `;
}
