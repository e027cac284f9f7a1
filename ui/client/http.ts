/** Calls to the API. A page of our own is known by its cookie, one of another origin by a token. */
import { Problem, problemOf } from "./problem";
import { SignedOut, type Tokens } from "./token";

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface CallOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A body and what its headers said. */
export interface Answer<T> {
  body: T;
  etag: string | null;
  status: number;
}

export interface HttpOptions {
  /** The server's origin; empty for the page's own. */
  server?: string;
  /** Where the bearer token of each call comes from; without them the cookie says who calls. */
  tokens?: Tokens;
  /** Called when the server does not know (any more) who calls. */
  onSignedOut?: () => void;
  /** Says a refusal in the reader's words, before it is thrown. */
  worded?: (problem: Problem) => Promise<Problem>;
}

/** Browsers let 64 KiB outlive a page, all requests together. */
const SMALL = 20_000;

export class Http {
  constructor(private readonly options: HttpOptions = {}) {}

  get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.call<T>("GET", path, signal ? { query, signal } : { query }).then((answer) => answer.body);
  }

  post<T>(path: string, body?: unknown, query: Query = {}): Promise<T> {
    return this.call<T>("POST", path, { body, query }).then((answer) => answer.body);
  }

  delete<T>(path: string): Promise<T> {
    return this.call<T>("DELETE", path).then((answer) => answer.body);
  }

  /** Throws Problem. */
  async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<Answer<T>> {
    try {
      return await this.attempt<T>(method, path, options);
    } catch (error) {
      throw error instanceof Problem && this.options.worded ? await this.options.worded(error) : error;
    }
  }

  private async attempt<T>(method: Method, path: string, options: CallOptions): Promise<Answer<T>> {
    const { tokens, onSignedOut } = this.options;
    let token = await tokens?.get().catch(unreachable);
    let answer = await this.ask(method, path, options, token);
    if (answer.status === 401 && tokens && token !== undefined) {
      tokens.refused(token); // it has ended, or was revoked: the next one may do
      token = await tokens.get().catch(unreachable);
      answer = await this.ask(method, path, options, token);
    }
    if (answer.status === 401) onSignedOut?.();
    if (!answer.ok) throw await problemOf(answer);
    const text = await answer.text();
    return { body: (text ? JSON.parse(text) : null) as T, etag: answer.headers.get("etag"), status: answer.status };
  }

  private ask(method: Method, path: string, options: CallOptions, token: string | undefined): Promise<Response> {
    const { query = {}, body, headers = {}, signal } = options;
    const text = body === undefined ? "" : JSON.stringify(body);
    return fetch((this.options.server ?? "") + path + queryText(query), {
      method,
      keepalive: method === "POST" && text.length < SMALL, // an act outlives the page that its click leaves
      credentials: this.options.tokens ? "omit" : "same-origin",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(text ? { body: text } : {}),
      ...(signal ? { signal } : {}),
    }).catch(unreachable);
  }
}

function unreachable(error: unknown): never {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  if (error instanceof SignedOut) throw new Problem(401, "unauthorized", error.message);
  throw new Problem(0, "offline", "the server cannot be reached");
}

/** `{a: 1, b: ["x", "y"], c: null}` → `?a=1&b=x&b=y`. */
export function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [value].flat().map((one) => [name, String(one)]),
  );
  return pairs.length ? `?${new URLSearchParams(pairs as [string, string][])}` : "";
}
