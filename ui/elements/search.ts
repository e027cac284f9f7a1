/** The field for words; it asks when the reader pauses. */
import { html, type TemplateResult } from "lit";
import * as icons from "./icons";
import type { Say } from "./text";

const PAUSE_MS = 250;

export class SearchField {
  q = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly say: Say,
    private readonly onSearch: () => void,
  ) {}

  readonly ask = (q: string): void => {
    this.q = q;
    this.onSearch();
  };

  stop(): void {
    clearTimeout(this.timer);
  }

  render(): TemplateResult {
    return html`<label part="search" class="search">
      ${icons.glass}<span class="unseen">${this.say("search")}</span>
      <input type="search" placeholder=${this.say("search")} .value=${this.q} @input=${this.typed} />
    </label>`;
  }

  private readonly typed = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    this.stop();
    this.timer = setTimeout(() => this.ask(value.trim()), PAUSE_MS);
  };
}
