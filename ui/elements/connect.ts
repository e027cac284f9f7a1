/** The client of the elements: the connection, one person's inbox, and what the host wants done its own way. */
import { type Entry, linkOf } from "@client/entries";
import { Inbox } from "@client/inbox";
import { Client, type ClientOptions, hold, pageWide } from "@client/shared";
import type { Messages } from "./text";

export interface NoticeOptions extends ClientOptions {
  /** Another name of `server`. */
  endpoint?: string;
  messages?: Messages;
  /** Goes to an address in the host's own way, as a router does; without it links are links. */
  onNavigate?: (url: string, notice: Entry) => void;
}

export class NoticeClient extends Client {
  readonly inbox: Inbox;
  readonly messages: Messages;
  private readonly onNavigate: NoticeOptions["onNavigate"];
  private readonly closeInbox: () => void;

  constructor(options: NoticeOptions) {
    super(options);
    this.messages = options.messages ?? {};
    this.onNavigate = options.onNavigate;
    this.inbox = new Inbox(this.http, this.stream);
    this.onState((state) => {
      tell("notice-state", { state });
      if (state === "signed-out") tell("notice-auth-required", { server: this.server });
    });
    let counts = this.inbox.counts();
    this.inbox.subscribe(() => {
      if (this.inbox.counts() === counts) return;
      counts = this.inbox.counts();
      tell("notice-counts", counts);
    });
    this.closeInbox = this.inbox.open();
  }

  /** Be told when the inbox has changed; returns the function that ends it. */
  onChange(watcher: () => void): () => void {
    return this.inbox.subscribe(watcher);
  }

  /** A plain click on a link of a notice. */
  go(event: Event, notice: Entry, url: string | null = notice.url): void {
    const link = linkOf({ url });
    if (!this.onNavigate || link === null) return;
    event.preventDefault();
    this.onNavigate(link.href, notice);
  }

  override close(): void {
    this.closeInbox();
    super.close();
    const page = pageWide<Page>("page", () => ({}));
    if (page.client !== this) return;
    delete page.client;
    dispatchEvent(new Event("notice-connect"));
  }
}

interface Page {
  client?: NoticeClient;
}

/** Connects the elements of the page that have no connection of their own. `close` ends it. */
export function connectNotices(options: NoticeOptions): NoticeClient {
  const client = new NoticeClient({ ...options, server: options.server ?? options.endpoint ?? "" });
  pageWide<Page>("page", () => ({})).client = client;
  dispatchEvent(new Event("notice-connect"));
  return client;
}

export function pageClient(): NoticeClient | undefined {
  return pageWide<Page>("page", () => ({})).client;
}

/** The client that elements with the same attributes share. */
export function holdClient(options: Required<Pick<NoticeOptions, "server" | "token" | "tokenUrl" | "user">>): [NoticeClient, () => void] {
  const { server, token, tokenUrl, user } = options;
  const given = { server, token, tokenUrl, ...(user ? { user } : {}) };
  return hold(`client ${JSON.stringify(given)}`, () => new NoticeClient(given));
}

function tell(name: string, detail: unknown): void {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}
