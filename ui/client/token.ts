/** The token of the person who looks at the page: asked for when it is needed, and anew when it has ended. */

/** Nobody is signed in: asking again helps only when something has changed. */
export class SignedOut extends Error {}

/** A token that ends sooner than this is not worth using. */
const SPARE_MS = 10_000;

export class Tokens {
  private known: string | undefined;
  private asked: Promise<string> | undefined;

  /** `ask` may be slow: however many want the token meanwhile, it is called once. An empty answer means signed out. */
  constructor(private readonly ask: () => Promise<string | null | undefined>) {}

  async get(): Promise<string> {
    if (this.known !== undefined && !isEnding(this.known)) return this.known;
    this.asked ??= this.fetch().finally(() => (this.asked = undefined));
    return this.asked;
  }

  /** The server did not take `token`: the next one is asked for, unless somebody already did. */
  refused(token: string): void {
    if (this.known === token) this.known = undefined;
  }

  private async fetch(): Promise<string> {
    const token = await this.ask();
    if (!token) throw new SignedOut("nobody is signed in");
    return (this.known = token);
  }
}

/** A source of tokens at an address of the page's own back end: JSON `{"token": "…"}`, or the token as plain text. */
export function tokenFrom(url: string): () => Promise<string> {
  return async () => {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", headers: { accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403) throw new SignedOut(`${url} answered ${answer.status}`);
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    const text = (await answer.text()).trim();
    return text.startsWith("{") ? String((JSON.parse(text) as { token?: string }).token ?? "") : text;
  };
}

/** Whose token it is, as far as it says: tokens of one person share a connection, others never do. */
export function subjectOf(token: string): string {
  const { iss = "", sub } = claimsOf(token);
  return typeof sub === "string" ? `${String(iss)}\n${sub}` : token;
}

function isEnding(token: string): boolean {
  const { exp } = claimsOf(token);
  return typeof exp === "number" && exp * 1000 - Date.now() < SPARE_MS;
}

/** What a JWT says; nothing for any other token. It is not checked: that is the server's part. */
function claimsOf(token: string): Record<string, unknown> {
  const [, payload] = token.split(".");
  try {
    const text = atob((payload ?? "").replaceAll("-", "+").replaceAll("_", "/"));
    const claims: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
