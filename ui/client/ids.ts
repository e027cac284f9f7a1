/** A new id that nobody else has. The browser's own `randomUUID` is missing on pages without TLS, as on an intranet. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
