/** What the three elements share: where their client comes from, their language, and how they tell the host of things. */
import type { Problem } from "@client/problem";
import { REASONS, reasonOf } from "@shared/reasons";
import { formatTime, type TimeShape } from "@shared/time";
import { type CSSResultGroup, LitElement, type PropertyDeclarations, type PropertyValues } from "lit";
import { holdClient, type NoticeClient, pageClient } from "./connect";
import { type Locale, localeOf, type Messages, type Say, speaker } from "./text";
import { theme } from "./theme";

export class NoticeElement extends LitElement {
  static override styles: CSSResultGroup = theme;
  static override properties: PropertyDeclarations = {
    server: {},
    token: {},
    tokenUrl: { attribute: "token-url" },
    user: {},
    lang: {},
    theme: {},
    timeZone: { attribute: "time-zone" },
    hourCycle: { attribute: "hour-cycle" },
    client: { attribute: false },
    messages: { attribute: false },
  };

  /** The origin of the server; with `token` or `token-url` it is all that an element needs. */
  server = "";
  token = "";
  tokenUrl = "";
  /** Who is signed in, when the token does not say: the tabs of one person share a connection. */
  user = "";
  override lang = "";
  theme: "auto" | "light" | "dark" = "auto";
  timeZone = "";
  hourCycle: "" | "h11" | "h12" | "h23" | "h24" = "";
  /** A client of the host's own making; without it that of the nearest ancestor, the attributes, or the page. */
  client: NoticeClient | undefined;
  /** Texts in place of ours. */
  messages: Messages = {};

  protected used: NoticeClient | undefined;
  private readonly internals = this.attachInternals();
  private letGo: (() => void)[] = [];
  private speaks: Say | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.requestUpdate("client", null);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.detach();
  }

  get locale(): Locale {
    return localeOf(this);
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.speaks = undefined;
    this.mark("live", this.used?.state === "live");
    this.mark("offline", this.used?.state === "offline" || this.used?.state === "stale");
    const source = ["client", "server", "token", "tokenUrl", "user"];
    if (this.isConnected && source.some((name) => changed.has(name))) this.attach();
  }

  /** A moment as the reader writes it; a zone or hours that nobody knows are the browser's. */
  protected when = (at: number, shape: TimeShape): string => {
    const { locale, hourCycle, timeZone } = this;
    try {
      return formatTime(at, hourCycle ? `${locale}-u-hc-${hourCycle}` : locale, timeZone || "local", shape);
    } catch {
      return formatTime(at, locale, "local", shape);
    }
  };

  protected say: Say = (key, values) => {
    this.speaks ??= speaker(this.locale, { ...this.used?.messages, ...this.messages });
    return this.speaks(key, values);
  };

  /** Why something did not work, for the reader. */
  protected why({ status, detail }: Problem): string {
    const reason = reasonOf({ status });
    return reason ? REASONS[this.locale][reason] : detail;
  }

  /** Tell the host; false when it took the matter over. */
  protected emit(name: string, detail: unknown = {}, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable, bubbles: true, composed: true }));
  }

  /** For a host's `:state(…)`. */
  protected mark(state: string, on: boolean): void {
    if (on) this.internals.states.add(state);
    else this.internals.states.delete(state);
  }

  /** Called with a client that was not there before. What `until` is given is called when it is there no more. */
  protected use(_client: NoticeClient, _until: (end: () => void) => void): void {}

  private attach(): void {
    const [client, release] = this.find();
    if (client && client === this.used) return release();
    this.detach();
    this.letGo.push(release);
    this.used = client;
    if (!client) return;
    this.letGo.push(client.onState(() => this.requestUpdate()), client.onChange(() => this.requestUpdate()));
    this.use(client, (end) => this.letGo.push(end));
  }

  private detach(): void {
    for (const end of this.letGo.splice(0).reverse()) end();
    this.used = undefined;
  }

  private find(): [NoticeClient | undefined, () => void] {
    const near = this.client ?? clientAbove(this);
    if (near) return [near, () => undefined];
    const { server, token, tokenUrl, user } = this;
    if (token || tokenUrl) return holdClient({ server, token, tokenUrl, user });
    return [pageClient(), onPageClient(() => this.requestUpdate("client", null))];
  }
}

/** The client of the nearest element around `start` that was given one, through shadow roots. */
function clientAbove(start: Element): NoticeClient | undefined {
  let node: Node | null = start.parentNode;
  while (node) {
    const { client } = node as Partial<NoticeElement>;
    if (client && node instanceof HTMLElement) return client;
    node = node instanceof ShadowRoot ? node.host : node.parentNode;
  }
  return undefined;
}

/** Another client of the page, or none any more. */
function onPageClient(tell: () => void): () => void {
  addEventListener("notice-connect", tell);
  return () => removeEventListener("notice-connect", tell);
}
