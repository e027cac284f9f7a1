/**
 * One client for all that a page shows of one person at one server, however many elements show it, and even when two
 * copies of this file were loaded: it is kept under a name that they all know, and closed with the last who uses it.
 */
import { Http } from "./http";
import { type Follower, Stream, type StreamState } from "./stream";
import { tokenFrom, Tokens } from "./token";

export interface ClientOptions {
  /** The server's origin; empty for the page's own. */
  server?: string;
  /** Called when a token is needed. Nothing or null means that nobody is signed in. */
  getToken?: () => Promise<string | null | undefined>;
  /** An address of the page's own back end that answers with a token. */
  tokenUrl?: string;
  /** A token that does not change. Anyone who reads the page reads it too: prefer the other two. */
  token?: string;
  /** Who this is, when the token does not say: the tabs of one person share a connection. */
  user?: string;
}

export class Client {
  readonly server: string;
  readonly http: Http;
  readonly stream: Stream;
  private readonly listeners = new Set<(state: StreamState) => void>();

  constructor(options: ClientOptions) {
    this.server = (options.server ?? "").replace(/\/+$/, "");
    const ask = askerOf(options);
    const common = { server: this.server, ...(ask ? { tokens: new Tokens(ask) } : {}) };
    this.http = new Http(common);
    this.stream = new Stream({ ...common, onState: (state) => this.tell(state) });
    this.stream.open(options.user);
  }

  get state(): StreamState {
    return this.stream.state;
  }

  /** Be told of each state of the connection; returns the function that ends it. */
  onState(listener: (state: StreamState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Follow a topic: its state, then every change. Returns the function that ends it. */
  follow(topic: string, follower: Follower): () => void {
    return this.stream.follow(topic, follower);
  }

  /** Try again now, as after signing in. */
  wake(): void {
    this.stream.wake();
  }

  close(): void {
    this.stream.close();
  }

  private tell(state: StreamState): void {
    for (const listener of this.listeners) listener(state);
  }
}

/** Holds of one value, which is made with the first and closed with the last. */
interface Held<T> {
  value: T;
  holds: number;
}

/** The value that this page keeps under a name. Returns it with the function that lets go of it. */
export function hold<T extends { close(): void }>(name: string, make: () => T): [T, () => void] {
  const all = pageWide<Map<string, Held<T>>>("values", () => new Map());
  const held = all.get(name) ?? { value: make(), holds: 0 };
  all.set(name, held);
  held.holds++;
  let mine = true;
  return [
    held.value,
    () => {
      if (!mine) return;
      mine = false;
      if (--held.holds > 0) return;
      all.delete(name);
      held.value.close();
    },
  ];
}

/** Something of which a page has one, also when this file was loaded twice. */
export function pageWide<T>(name: string, make: () => T): T {
  const place = globalThis as unknown as Record<symbol, T | undefined>;
  return (place[Symbol.for(`alertwrap.v1.${name}`)] ??= make());
}

function askerOf({ getToken, tokenUrl, token }: ClientOptions): (() => Promise<string | null | undefined>) | undefined {
  if (getToken) return getToken;
  if (tokenUrl) return tokenFrom(tokenUrl);
  return token ? () => Promise.resolve(token) : undefined;
}
