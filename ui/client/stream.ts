/**
 * The stream: the state of topics and then every change after it, with no gap and nothing twice.
 *
 * The tabs of one person share one connection. Whichever tab holds it hands every frame on; the others know from the
 * place each event names whether they have missed one, and ask. When its tab goes, another one connects and resumes.
 */
import { Feed, type Follower, type TopicFrame } from "./feed";
import { newId } from "./ids";
import { FollowSocket, type StreamState } from "./socket";
import { nameOf, Tabs } from "./tabs";
import { subjectOf, type Tokens } from "./token";

export type { Follower, Item, TopicEvent } from "./feed";
export type { StreamState } from "./socket";

export interface StreamOptions {
  /** The server's origin; empty for the page's own. */
  server?: string;
  /** Without tokens the cookie says who follows. */
  tokens?: Tokens;
  onState?: (state: StreamState) => void;
}

/** What tabs say to each other. `from` and `to` are tabs. */
type Message =
  | { kind: "frame"; frame: TopicFrame; to?: string }
  | { kind: "want"; topic: string; cursor: string | undefined; from: string }
  | { kind: "drop"; topic: string; from: string }
  | { kind: "state"; state: StreamState; to?: string }
  | { kind: "lead" };

/** Part of the channel's name: tabs with another version of this file are strangers. */
const PROTOCOL = 1;

export class Stream {
  state: StreamState = "connecting";
  private readonly me = newId();
  private readonly feeds = new Map<string, Feed>();
  private tabs: Tabs | undefined;
  private socket: FollowSocket | undefined;
  private life: AbortController | undefined;

  constructor(private readonly options: StreamOptions = {}) {}

  /** Whether this page holds the connection: what must happen once for all tabs happens here. */
  get leading(): boolean {
    return this.socket !== undefined;
  }

  /** Connects, and stays connected until `close`. `user` is who this is; pages that cannot tell share no connection. */
  open(user?: string): void {
    if (this.life) return;
    const { signal } = (this.life = new AbortController());
    const rest = () => this.tabs?.leave(); // the page is put away, for a while or for good: another one leads
    for (const name of ["online", "offline", "pageshow"]) addEventListener(name, this.wake, { signal });
    for (const name of ["visibilitychange", "resume"]) document.addEventListener(name, this.wake, { signal });
    addEventListener("pagehide", rest, { signal });
    document.addEventListener("freeze", rest, { signal });
    void this.begin(user, signal);
  }

  close(): void {
    this.life?.abort();
    this.life = undefined;
    for (const feed of this.feeds.values()) this.post({ kind: "drop", topic: feed.topic, from: this.me });
    this.tabs?.close();
    this.tabs = undefined;
    this.disconnect();
    for (const feed of this.feeds.values()) feed.reset();
    this.state = "connecting";
  }

  /** Try now what would be tried later, as after signing in. */
  readonly wake = (): void => {
    if (document.hidden || !this.life) return;
    this.tabs?.join();
    this.wantAll();
    this.socket?.wake();
  };

  /** Follow a topic; returns the function that ends it. */
  follow(topic: string, follower: Follower): () => void {
    const feed = this.need(topic);
    feed.add(follower);
    return () => {
      feed.followers.delete(follower);
      this.forget(feed);
    };
  }

  private async begin(user: string | undefined, signal: AbortSignal): Promise<void> {
    const who = user ?? (await this.options.tokens?.get().then(subjectOf, () => undefined));
    if (signal.aborted) return;
    if (who === undefined || !Tabs.possible) return this.connect();
    this.tabs = new Tabs(`alertwrap.follow.${PROTOCOL}.${nameOf(`${this.options.server || location.origin}\n${who}`)}`, {
      onLead: () => this.connect(),
      onResign: () => this.disconnect(),
      onMessage: (message) => this.hear(message as Message),
    });
    this.wantAll();
  }

  private connect(): void {
    this.socket = new FollowSocket({
      server: this.options.server ?? "",
      tokens: this.options.tokens,
      topics: () => [...this.feeds.values()].map((feed) => [feed.topic, feed.cursor] as const),
      onFrame: (frame, late) => this.pass(late && frame.type === "event" ? { ...frame, late } : frame),
      onState: (state) => this.become(state),
      onCut: () => this.cut(),
    });
    this.post({ kind: "lead" });
  }

  private disconnect(): void {
    this.socket?.close();
    this.socket = undefined;
    for (const feed of this.feeds.values()) {
      feed.tabs.clear();
      this.forget(feed);
    }
  }

  private cut(): void {
    for (const feed of this.feeds.values()) feed.cut();
  }

  /** A frame of the server: to our own followers, then to the other tabs. */
  private pass(frame: TopicFrame): void {
    const told = this.feeds.get(frame.topic)?.take(frame);
    if (told && told !== "hole") this.post({ kind: "frame", frame: told });
  }

  private hear(message: Message): void {
    if ("to" in message && message.to !== undefined && message.to !== this.me) return;
    if (this.leading) this.serve(message);
    else this.listen(message);
  }

  private serve(message: Message): void {
    if (message.kind === "want") {
      const feed = this.need(message.topic);
      feed.tabs.add(message.from);
      this.post({ kind: "state", state: this.state, to: message.from });
      for (const frame of feed.since(message.cursor)) this.post({ kind: "frame", frame, to: message.from });
    } else if (message.kind === "drop") {
      const feed = this.feeds.get(message.topic);
      feed?.tabs.delete(message.from);
      if (feed) this.forget(feed);
    }
  }

  private listen(message: Message): void {
    if (message.kind === "frame") {
      const feed = this.feeds.get(message.frame.topic);
      if (feed?.take(message.frame) === "hole") this.want(feed);
    } else if (message.kind === "state") {
      this.become(message.state);
    } else if (message.kind === "lead") {
      this.cut();
      this.wantAll();
    }
  }

  private need(topic: string): Feed {
    const known = this.feeds.get(topic);
    if (known) return known;
    const feed = new Feed(topic);
    this.feeds.set(topic, feed);
    if (this.socket) this.socket.subscribe(topic, undefined);
    else this.want(feed);
    return feed;
  }

  private forget(feed: Feed): void {
    if (feed.wanted || !this.feeds.delete(feed.topic)) return;
    if (this.socket) this.socket.unsubscribe(feed.topic);
    else this.post({ kind: "drop", topic: feed.topic, from: this.me });
  }

  private wantAll(): void {
    if (!this.leading) for (const feed of this.feeds.values()) this.want(feed);
  }

  private want(feed: Feed): void {
    this.post({ kind: "want", topic: feed.topic, cursor: feed.cursor, from: this.me });
  }

  private become(state: StreamState): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state);
    if (!this.leading) return;
    if (state === "signed-out") this.tabs?.leave(); // others try with what they have
    else this.post({ kind: "state", state });
  }

  private post(message: Message): void {
    this.tabs?.post(message);
  }
}
