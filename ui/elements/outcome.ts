/** What became of the last act: it was done and can be undone, or it was refused, and why. Goes after a while. */
import type { Act } from "@client/entries";
import type { Done } from "@client/inbox";
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from "lit";
import { announcer } from "./announce";
import type { Say, TextKey } from "./text";

const DONE: Record<Act, TextKey> = { read: "doneRead", unread: "doneUnread", archive: "doneArchive", unarchive: "doneUnarchive" };
/** So long an act can be undone with the mouse; with the key it can be later. */
const STAYS_MS = 10_000;

export class Outcome {
  private words = "";
  private undo: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly say: Say,
    private readonly onUndo: () => void,
  ) {}

  done({ act, touched }: Done): void {
    if (touched > 0) this.tell(this.say(DONE[act], { n: touched }), this.onUndo);
    else this.clear();
  }

  failed(why: string): void {
    this.tell(this.say("failed", { why }));
  }

  clear(): void {
    clearTimeout(this.timer);
    this.words = "";
    this.host.requestUpdate();
  }

  render(): TemplateResult | typeof nothing {
    if (!this.words) return nothing;
    return html`<div class="undo">
      <span>${this.words}</span>
      ${this.undo ? html`<button class="link" @click=${this.undo}>${this.say("undo")}</button>` : nothing}
    </div>`;
  }

  private tell(words: string, undo?: () => void): void {
    this.clear();
    this.words = words;
    this.undo = undo;
    announcer.say(words, !undo);
    this.timer = setTimeout(() => this.clear(), STAYS_MS);
  }
}
