/** The line that says that what is shown may have become old. A blip of the connection is nobody's business. */
import type { TimeShape } from "@shared/time";
import { html, nothing, type ReactiveControllerHost, type TemplateResult } from "lit";
import type { Say } from "./text";

const BLIP_MS = 3_000;

export class Stale {
  private isTrue = true;
  private since: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly say: Say,
    private readonly when: (at: number, shape: TimeShape) => string,
  ) {}

  /** What is shown is kept true from now on, or is not any more. */
  become(isTrue: boolean): void {
    if (isTrue === this.isTrue) return;
    this.isTrue = isTrue;
    clearTimeout(this.timer);
    const since = Date.now();
    if (isTrue) this.show(undefined);
    else this.timer = setTimeout(() => this.show(since), BLIP_MS);
  }

  render(): TemplateResult | typeof nothing {
    if (this.since === undefined) return nothing;
    return html`<p class="bar" role="status">${this.say("offline", { time: this.when(this.since, "time") })}</p>`;
  }

  private show(since: number | undefined): void {
    this.since = since;
    this.host.requestUpdate();
  }
}
