/**
 * Looks like a websocket to `/api/v1/follow` and is none: it asks again and again over plain HTTP, for pages behind a
 * proxy that lets no websocket through. The server answers when there is something to tell. See docs/follow.md.
 */
import type { TopicFrame } from "./feed";

/** Less than proxies wait for an answer, and than a follower takes for silence. */
const WAIT_SECONDS = 15;
/** After so long it ends, as a connection does: perhaps a websocket is possible by now. */
const LIFE_MS = 10 * 60_000;
const BROKEN = 1006;

type Said = { type: "auth"; token: string } | { type: "subscribe"; topic: string; since?: string } | { type: "unsubscribe"; topic: string } | { type: "ping" };

export class Polls {
  readyState: number = WebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  private readonly cursors = new Map<string, string | null>();
  private readonly until = Date.now() + LIFE_MS;
  private token: string | undefined;
  private turn = new AbortController();
  private wait = 0;

  constructor(private readonly address: string) {
    queueMicrotask(() => this.open());
  }

  send(text: string): void {
    const said = JSON.parse(text) as Said;
    if (said.type === "auth") this.token = said.token;
    else if (said.type === "subscribe") this.cursors.set(said.topic, said.since ?? null);
    else if (said.type === "unsubscribe") this.cursors.delete(said.topic);
    this.wait = 0;
    this.turn.abort(); // the question has become another one
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
    this.turn.abort();
  }

  private open(): void {
    if (this.readyState !== WebSocket.CONNECTING) return;
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
    void this.run();
  }

  private async run(): Promise<void> {
    while (this.readyState === WebSocket.OPEN) {
      if (Date.now() > this.until) return this.end(1000);
      const { signal } = (this.turn = new AbortController());
      const answer = await this.ask(signal).catch(() => undefined);
      if (signal.aborted) continue;
      if (typeof answer !== "object") return this.end(answer ?? BROKEN);
      this.wait = WAIT_SECONDS;
      for (const frame of answer) this.hear(frame);
      this.onmessage?.({ data: '{"type":"pong"}' }); // all that there was has been told
    }
  }

  /** The frames that there are to be heard, or the code to close with. */
  private async ask(signal: AbortSignal): Promise<readonly TopicFrame[] | number> {
    const answer = await fetch(this.address, {
      method: "POST",
      signal,
      credentials: this.token === undefined ? "same-origin" : "omit",
      headers: { "content-type": "application/json", ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }) },
      body: JSON.stringify({ topics: Object.fromEntries(this.cursors), wait: this.wait }),
    });
    if (!answer.ok) return answer.status === 401 || answer.status === 403 ? 4000 + answer.status : BROKEN;
    return ((await answer.json()) as { frames: TopicFrame[] }).frames;
  }

  private hear(frame: TopicFrame): void {
    if (frame.type === "error") this.cursors.delete(frame.topic);
    else if (this.cursors.has(frame.topic) && "cursor" in frame) this.cursors.set(frame.topic, frame.cursor);
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  private end(code: number): void {
    this.close();
    this.onclose?.({ code });
  }
}
