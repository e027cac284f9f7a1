/** What a service answers when it will not: a problem document (RFC 9457). */
export interface FieldError extends Coded {
  /** A JSON Pointer (RFC 6901) into what was sent. */
  pointer: string;
}

/** A sentence for people, in English, and the same by code for who speaks another language: docs/problems.md. */
export interface Coded {
  detail: string;
  code: string;
  params: Params;
}

/** The values that stand in the sentence. */
export type Params = Readonly<Record<string, string | number | boolean | null>>;

/** A wrong field, as the services write it. */
interface WireError {
  path: string;
  message: string;
  code?: string;
  params?: Params;
}

/** Thrown by every call that did not end well. `status` 0: the server was not reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    readonly requestId: string | null = null,
    readonly retryAfterSeconds: number | null = null,
    readonly params: Params = {},
  ) {
    super(detail);
    this.name = "Problem";
  }

  get offline(): boolean {
    return this.status === 0;
  }
}

/** The problem in an answer, or the best that can be said of an answer that holds none (a proxy's page). */
export async function problemOf(answer: Response): Promise<Problem> {
  const body: unknown = await answer.json().catch(() => null);
  const said = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof said[name] === "string" ? said[name] : null);
  return new Problem(
    answer.status,
    text("code") ?? "unknown",
    text("detail") ?? text("title") ?? `the server answered ${answer.status}`,
    Array.isArray(said.errors) ? (said.errors as WireError[]).map(fieldError) : [],
    answer.headers.get("x-request-id"),
    Number(answer.headers.get("retry-after")) || null,
    typeof said.params === "object" && said.params !== null ? (said.params as Params) : {},
  );
}

const fieldError = ({ path, message, code = "invalid", params = {} }: WireError): FieldError => ({ pointer: path, detail: message, code, params });
