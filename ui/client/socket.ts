/**
 * One websocket to `/api/v1/follow`: says who we are, resumes every topic, and is never given up. Where none can be
 * opened, plain HTTP does instead. See docs/follow.md.
 */
import type { TopicFrame } from "./feed";
import { Polls } from "./polls";
import { SignedOut, type Tokens } from "./token";

/**
 * connecting: nothing was heard yet · live: what is shown is true now · stale: the connection is being restored ·
 * offline: this device has no network · signed-out: the server does not know who we are · gap: changes were lost and
 * the whole is being fetched anew.
 */
export type StreamState = "connecting" | "live" | "stale" | "offline" | "signed-out" | "gap";

export interface SocketOptions {
  /** The server's origin; empty for the page's own. */
  server: string;
  /** Without tokens the cookie says who follows. */
  tokens: Tokens | undefined;
  /** Topic and cursor of all that is followed. */
  topics: () => Iterable<readonly [string, string | undefined]>;
  onFrame: (frame: TopicFrame, late: boolean) => void;
  onState: (state: StreamState) => void;
  onCut: () => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A handshake, or an answer to a ping, that takes longer will not come. */
const PATIENCE_MS = 10_000;
const QUIET_MS = 20_000;
/** After so many websockets in a row that never opened, a proxy may be what forbids them. */
const UNOPENED = 2;
const UNAUTHORIZED = 4401;
const FORBIDDEN = 4403;

export class FollowSocket {
  private socket: WebSocket | Polls | undefined;
  private state: StreamState = "connecting";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private failures = 0;
  private unopened = 0;
  private turnedAway = false;
  private caughtUp = false;
  private everLive: boolean;
  private token: string | undefined;
  private stopped = false;

  constructor(private readonly options: SocketOptions) {
    this.everLive = [...options.topics()].some(([, cursor]) => cursor !== undefined);
    void this.connect();
  }

  close(): void {
    this.stopped = true;
    this.drop();
  }

  /** Something has changed: try now what would be tried later, and ask a connection that may be dead whether it is. */
  wake(): void {
    if (this.stopped) return;
    if (this.socket?.readyState === WebSocket.OPEN) this.probe();
    else if (this.socket === undefined) void this.connect();
  }

  subscribe(topic: string, cursor: string | undefined): void {
    this.say({ type: "subscribe", topic, ...(cursor ? { since: cursor } : {}) });
  }

  unsubscribe(topic: string): void {
    this.say({ type: "unsubscribe", topic });
  }

  private async connect(): Promise<void> {
    this.drop();
    const attempt = this.attempts;
    try {
      this.token = await this.options.tokens?.get();
      if (attempt === this.attempts) this.open();
    } catch (error) {
      if (attempt !== this.attempts) return;
      if (error instanceof SignedOut) this.signOut();
      else this.retry();
    }
  }

  private open(): void {
    const socket = (this.socket = this.made());
    this.timer = setTimeout(() => this.lost(socket, 0), PATIENCE_MS);
    socket.onopen = () => this.greet();
    socket.onclose = (event: { code: number }) => this.lost(socket, event.code);
    socket.onmessage = (message: { data: unknown }) => this.hear(socket, JSON.parse(String(message.data)) as TopicFrame | OwnFrame);
  }

  private made(): WebSocket | Polls {
    const address = new URL("/api/v1/follow", this.options.server || location.href);
    if (this.unopened++ >= UNOPENED) {
      this.unopened = 0;
      return new Polls(address.href);
    }
    address.protocol = address.protocol.replace("http", "ws");
    return new WebSocket(address);
  }

  private greet(): void {
    this.unopened = 0;
    if (this.token !== undefined) this.say({ type: "auth", token: this.token });
    for (const [topic, cursor] of this.options.topics()) this.subscribe(topic, cursor);
    this.say({ type: "ping" }); // its answer comes after all that we missed
  }

  private hear(socket: WebSocket | Polls, frame: TopicFrame | OwnFrame): void {
    if (this.socket !== socket) return;
    this.expectSilence();
    if (frame.type === "pong") this.live();
    else if (frame.type === "resync") this.become("gap");
    if ("topic" in frame && frame.topic) this.options.onFrame(frame, !this.caughtUp && this.everLive);
  }

  private live(): void {
    this.failures = 0;
    this.turnedAway = false;
    this.caughtUp = this.everLive = true;
    this.become("live");
  }

  private lost(socket: WebSocket | Polls, code: number): void {
    if (this.socket !== socket || this.stopped) return;
    const renewable = code === UNAUTHORIZED && this.token !== undefined && !this.turnedAway;
    if (this.token !== undefined && code === UNAUTHORIZED) this.options.tokens?.refused(this.token);
    if ((code === UNAUTHORIZED || code === FORBIDDEN) && !renewable) return this.signOut();
    this.turnedAway = renewable;
    this.retry(renewable ? 0 : pause(this.failures++));
  }

  private retry(afterMs = pause(this.failures++)): void {
    this.drop();
    this.become(navigator.onLine === false ? "offline" : this.everLive ? "stale" : "connecting");
    this.timer = setTimeout(() => void this.connect(), afterMs);
  }

  private signOut(): void {
    this.drop();
    this.turnedAway = false;
    this.become("signed-out");
  }

  private drop(): void {
    clearTimeout(this.timer);
    const { socket } = this;
    this.socket = undefined;
    this.attempts++;
    this.caughtUp = false;
    socket?.close();
    this.options.onCut();
  }

  private expectSilence(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.probe(), QUIET_MS);
  }

  private probe(): void {
    const { socket } = this;
    if (socket === undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lost(socket, 0), PATIENCE_MS);
    this.say({ type: "ping" });
  }

  private become(state: StreamState): void {
    if (this.stopped || state === this.state) return;
    this.state = state;
    this.options.onState(state);
  }

  private say(frame: Record<string, unknown>): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}

interface OwnFrame {
  type: "ready" | "pong";
  topic?: undefined;
}

/** Full jitter: a thousand pages do not return at the same moment. */
export function pause(failures: number, chance: () => number = Math.random): number {
  return chance() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 20));
}
