/** What the address brought, and the calls that open a session. */
import type { Problem } from "@client/problem";
import { router } from "../../router";
import { http, queries, type Session, sessionQuery } from "../../session";
import { text } from "./messages";
import type { Text } from "../../language";

export interface Brought {
  link: string | null;
  invite: string | null;
  login: string | null;
}

/** A one-time secret stands behind the #, which no server and no log ever sees; here it leaves the address too. */
export function takeFromAddress(): Brought {
  const given = new URLSearchParams(location.hash.slice(1));
  return { link: given.get("link"), invite: given.get("invite"), login: given.get("login") };
}

export function clearAddress(): void {
  if (location.hash) router.history.replace(location.pathname + location.search);
}

const asked = new Map<string, Promise<Session>>();

/** A link works once: however often the page is drawn, it is sent once. */
export function byLink(link: string): Promise<Session> {
  const known = asked.get(link) ?? http.post<Session>("/api/v1/session", { link });
  asked.set(link, known);
  return known;
}

export const byPassword = (login: string, password: string) => http.post<Session>("/api/v1/session", { login, password });
export const byInvite = (invite: string, password: string) =>
  http.post<Session>("/api/v1/invites/accept", { invite, password });

/** From here on this browser is signed in; the page goes on to where the person wanted to be. */
export function enter(session: Session): void {
  queries.clear(); // whoever was here before left nothing for the next one
  queries.setQueryData(sessionQuery.queryKey, session);
  router.history.replace(destination());
}

/** Where the person was when they had to sign in: a path of this panel, and of no other site. */
export function destination(): string {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  const url = new URL(wanted, location.origin);
  return url.origin === location.origin && !url.pathname.startsWith("/sign-in") ? url.pathname + url.search + url.hash : "/";
}

/** The sentence for a refusal that is about no single field. */
export function sentence(t: Text<keyof (typeof text)["en"]>, problem: Problem, refused: keyof (typeof text)["en"]): string {
  if (problem.offline) return t("offline");
  if (problem.status === 429) return t("tooMany", { n: problem.retryAfterSeconds ?? 60 });
  return problem.status === 401 ? t(refused) : problem.detail;
}
