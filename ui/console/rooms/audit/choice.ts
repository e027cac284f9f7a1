/** The address of the audit trail ↔ which records are asked for. Values that mean nothing do not narrow. */
import type { AuditAction, AuditChoice } from "../administer/api";
import type { Search } from "../operate/address";

export const ACTIONS: readonly AuditAction[] = [
  "signed-in", "sign-in-refused", "signed-out", "sessions-ended", "password-changed", "sign-in-link-made", "account-created",
  "account-invited", "account-changed", "account-deleted", "token-created", "token-revoked", "jwts-revoked",
]; // prettier-ignore

/** The search without what narrows it. */
export const CLEARED = { action: undefined, by: undefined, about: undefined } as const;

export function actionOf(search: Search): AuditAction | undefined {
  return ACTIONS.find((action) => action === search.action);
}

export function choiceOf(search: Search): AuditChoice {
  const action = actionOf(search);
  const [by, about] = [idOf(search.by), idOf(search.about)];
  return { ...(action ? { action } : {}), ...(by ? { by } : {}), ...(about ? { about } : {}) };
}

export const isNarrowed = (search: Search): boolean => Object.keys(choiceOf(search)).length > 0;

/** An id as the server takes it. */
const idOf = (given: string | undefined): string | undefined => (given && /^[!-~]{1,200}$/.test(given) ? given : undefined);
