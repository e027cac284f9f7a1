/**
 * The tabs of one person at one server: one of them leads and holds the connection, the others listen to it. Who leads
 * is decided by a lock of the browser, which passes on the moment the leader's page is gone.
 */
export interface TabEvents {
  /** From now on this tab is the one that connects. */
  onLead: () => void;
  onResign: () => void;
  onMessage: (message: unknown) => void;
}

const BEAT_MS = 5_000;
/** A leader that says nothing for so long is asked, and has this long to answer. */
const SILENCE_MS = 15_000;
const ANSWER_MS = 2_000;
const BEAT = "beat";
const ASK = "ask";

export class Tabs {
  leading = false;
  private joined = false;
  private readonly channel: BroadcastChannel;
  private queue = new AbortController();
  private release: (() => void) | undefined;
  private heardAt = Date.now();
  private readonly clock: ReturnType<typeof setInterval>;

  constructor(
    private readonly name: string,
    private readonly events: TabEvents,
  ) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = (message: MessageEvent<unknown>) => this.hear(message.data);
    this.clock = setInterval(() => this.tick(), BEAT_MS);
    this.join();
  }

  static get possible(): boolean {
    return typeof BroadcastChannel === "function" && typeof navigator !== "undefined" && !!navigator.locks;
  }

  post(message: unknown): void {
    this.channel.postMessage(message);
  }

  /** Stand in the queue of those who would lead. */
  join(): void {
    if (this.joined) return;
    this.joined = true;
    this.stand({ signal: this.queue.signal });
  }

  /** Let another tab lead, now and until `join`; go on listening. */
  leave(): void {
    this.joined = false;
    this.queue.abort();
    this.queue = new AbortController();
    this.resign();
    this.release?.();
    this.release = undefined;
  }

  close(): void {
    clearInterval(this.clock);
    this.leave();
    this.channel.close();
  }

  private stand(how: LockOptions): void {
    navigator.locks
      .request(this.name, how, () => {
        if (!this.joined) return undefined;
        this.leading = true;
        this.events.onLead();
        return new Promise<void>((resolve) => (this.release = resolve));
      })
      .catch(() => this.robbed());
  }

  /** The request was withdrawn, or another tab took the lock because we seemed dead. */
  private robbed(): void {
    if (!this.leading) return;
    this.resign();
    this.stand({ signal: this.queue.signal });
  }

  private resign(): void {
    if (!this.leading) return;
    this.leading = false;
    this.heardAt = Date.now();
    this.events.onResign();
  }

  private hear(message: unknown): void {
    this.heardAt = Date.now();
    if (message === ASK) {
      if (this.leading) this.post(BEAT);
    } else if (message !== BEAT) {
      this.events.onMessage(message);
    }
  }

  /** Hidden pages have slow clocks, so only a page that is looked at takes over, and only after it has asked. */
  private tick(): void {
    if (this.leading) this.post(BEAT);
    else if (this.joined && !document.hidden && Date.now() - this.heardAt > SILENCE_MS) this.challenge();
  }

  private challenge(): void {
    const before = this.heardAt;
    this.post(ASK);
    setTimeout(() => {
      if (this.leading || !this.joined || this.heardAt !== before || document.hidden) return;
      this.queue.abort();
      this.queue = new AbortController();
      this.stand({ steal: true });
    }, ANSWER_MS);
  }
}

/** A short name for a long text (FNV-1a, 64 bits): it keeps whose channel it is out of sight. */
export function nameOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(36);
}
