/** The parts of a browser that the stream stands on, small enough to reason about: sockets, locks and channels. */
import { vi } from "vitest";

/** What one tab calls its server; the test plays the server. */
export class FakeSocket {
  static opened: FakeSocket[] = [];
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 3;
  readyState = 0;
  said: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor(readonly url: string | URL) {
    FakeSocket.opened.push(this);
  }

  send(text: string): void {
    this.said.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.end(1000);
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  tell(...frames: object[]): void {
    for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  end(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

/** Locks of one origin: first come, first served; a stolen one fails its holder's request. */
class FakeLocks {
  private queues = new Map<string, { run: () => Promise<void> | undefined; fail: (error: Error) => void }[]>();

  request(name: string, how: LockOptions, run: () => Promise<void> | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const entry = { run: () => run(), fail: reject };
      const queue = this.queues.get(name) ?? [];
      this.queues.set(name, queue);
      const leave = () => {
        if (!queue.includes(entry)) return;
        const held = queue[0] === entry;
        queue.splice(queue.indexOf(entry), 1);
        if (held) this.grant(name);
      };
      how.signal?.addEventListener("abort", () => queue[0] !== entry && (leave(), reject(new Error("aborted"))));
      if (how.steal) queue.shift()?.fail(new Error("stolen"));
      if (how.steal) queue.unshift(entry);
      else queue.push(entry);
      Object.assign(entry, { run: () => Promise.resolve(run()).then(leave).then(resolve) });
      if (queue[0] === entry) this.grant(name);
    });
  }

  private grant(name: string): void {
    const first = this.queues.get(name)?.[0];
    if (first) queueMicrotask(() => void first.run());
  }
}

class FakeChannel {
  static open = new Set<FakeChannel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;

  constructor(readonly name: string) {
    FakeChannel.open.add(this);
  }

  postMessage(data: unknown): void {
    const copy: unknown = structuredClone(data);
    for (const other of FakeChannel.open) {
      if (other !== this && other.name === this.name) queueMicrotask(() => other.onmessage?.({ data: copy }));
    }
  }

  close(): void {
    FakeChannel.open.delete(this);
  }
}

/** What is asked of the server over plain HTTP; the test plays the server. */
export class FakeHttp {
  readonly asked: { body: { topics: Record<string, string | null>; wait: number }; answer: (frames: object[], status?: number) => void }[] = [];
  readonly fetch = (_: string, { body, signal }: RequestInit): Promise<Response> =>
    new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new Error("aborted")));
      const answer = (frames: object[], status = 200) => resolve(new Response(JSON.stringify({ frames }), { status }));
      this.asked.push({ body: JSON.parse(String(body)) as FakeHttp["asked"][number]["body"], answer });
    });
}

export function fakeBrowser(): void {
  FakeSocket.opened = [];
  FakeChannel.open.clear();
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new TypeError("no network"))));
  vi.stubGlobal("BroadcastChannel", FakeChannel);
  Object.defineProperty(navigator, "locks", { value: new FakeLocks(), configurable: true });
}

/** Lets everything that is due at once happen. */
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
