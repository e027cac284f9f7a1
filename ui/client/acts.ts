/** How acts get to the server: one after the other, each until it is done, whatever happens to the connection. */
import { type Act, asked, type Filter } from "./entries";
import type { Http } from "./http";
import { newId } from "./ids";
import type { Problem } from "./problem";

/** What was done, for the line that offers to undo it. `more`: there were others that one act may not touch. */
export interface Done {
  act: Act;
  touched: number;
  more: boolean;
}

/** An act that was carried out, in as many pieces as it has ids. */
export interface Deed extends Done {
  ids: readonly string[];
}

interface ActAnswer {
  touched: number;
  more: boolean;
  as_of: string;
  /** false: it goes on by itself, and is heard of when it is asked for again. */
  done?: boolean;
}

const PATH = "/api/v1/inbox/acts";
/** Ids that one request may name. */
const IDS_AT_ONCE = 1000;
/** Without a connection an act waits and is tried again. */
const RETRY_MS = 2_000;

/** How many an act on all that match now would touch; with its `asOf` it touches exactly these. */
export async function preview(http: Http, act: Act, filter: Filter): Promise<Done & { asOf: string }> {
  const { touched, more, as_of } = await http.post<ActAnswer>(PATH, { act, filter: asked(filter), dry_run: true });
  return { act, touched, more, asOf: as_of };
}

/** The requests that mark these entries. */
export function piecesOf(ids: readonly string[]): { ids: readonly string[] }[] {
  const count = Math.ceil(ids.length / IDS_AT_ONCE);
  return Array.from({ length: count }, (_, at) => ({ ids: ids.slice(at * IDS_AT_ONCE, (at + 1) * IDS_AT_ONCE) }));
}

export class Acts {
  private pending = 0;
  private turn: Promise<unknown> = Promise.resolve();
  /** Acts that wait for the connection: what is heard again wakes them. */
  private readonly waiting = new Set<() => void>();
  /** Acts that wait for their turn. */
  private readonly queued = new Set<() => void>();
  private isOpen = false;

  constructor(private readonly http: Http) {}

  /** Whether something is on its way, or waits for its turn. */
  get isBusy(): boolean {
    return this.pending > 0;
  }

  /** While it is not open, an act is tried only once. */
  open(isOpen: boolean): void {
    this.isOpen = isOpen;
    (isOpen ? addEventListener : removeEventListener)("pagehide", this.hurry);
  }

  /** One after the other, as they were done: an undo is about the act before it, and takes place after it. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.after(this.turn, work);
  }

  /** As `inTurn`, but when the page is left, what still waits goes at once: there is no later. */
  inTurnOrNow<T>(work: () => Promise<T>): Promise<T> {
    const hurried = new Promise<void>((resolve) => this.queued.add(resolve));
    return this.after(Promise.race([this.turn, hurried]), work);
  }

  /** Throws Problem when the server will not. */
  async carryOut(act: Act, pieces: readonly object[]): Promise<Deed> {
    const acts = pieces.map((piece) => ({ id: newId(), act, ...piece }));
    const done = { act, touched: 0, more: false };
    for (const one of acts) {
      const { touched, more } = await this.untilDone<ActAnswer>(PATH, one);
      done.touched += touched;
      done.more ||= more;
    }
    return { ...done, ids: acts.map(({ id }) => id) };
  }

  /** Puts back exactly what it changed, the last piece first. */
  async undo(deed: Deed): Promise<void> {
    for (const id of deed.ids.toReversed()) await this.untilDone(`${PATH}/${id}/undo`, {});
  }

  /** The connection is there again. */
  wake(): void {
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private after<T>(turn: Promise<unknown>, work: () => Promise<T>): Promise<T> {
    this.pending++;
    const result = turn.then(work).finally(() => --this.pending || this.queued.clear());
    this.turn = result.catch(() => undefined);
    return result;
  }

  private readonly hurry = (): void => {
    for (const go of this.queued) go();
    this.wake();
  };

  /** A long act is answered before its end, after some seconds: asked again, it is the same act. */
  private async untilDone<T extends { done?: boolean }>(path: string, body: object): Promise<T> {
    for (;;) {
      const answer = await this.send<T>(path, body);
      if (answer?.done !== false) return answer;
    }
  }

  /** With its id the same act can be sent again and again; it is done once. */
  private async send<T>(path: string, body: object): Promise<T> {
    for (;;) {
      try {
        return await this.http.post<T>(path, body);
      } catch (problem) {
        const { offline, status } = problem as Problem;
        if ((!offline && status !== 503) || !this.isOpen) throw problem;
        await new Promise<void>((resolve) => {
          this.waiting.add(resolve);
          setTimeout(resolve, RETRY_MS);
        });
      }
    }
  }
}
