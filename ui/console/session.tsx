/** Who is signed in. Everything that calls the API goes through `http`, which notices when nobody is any more. */
import { Http } from "@client/http";
import type { Problem } from "@client/problem";
import { QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { worded } from "./problems/words";

export type Role = "viewer" | "operator" | "admin";

export interface Session {
  /** A token that belongs to no account has no login. */
  account: { id: string; login: string | null; name: string; has_password: boolean };
  role: Role;
  scopes: readonly string[];
  /** The person whose inbox this is; null for an account without one. */
  recipient: string | null;
  expires_at: string | null;
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && ((error as Problem).offline || (error as Problem).status >= 502),
    },
  },
});

export const http = new Http({ worded, onSignedOut: () => queries.setQueryData(sessionQuery.queryKey, null) });

/** null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: (): Promise<Session | null> =>
    http.get<Session>("/api/v1/session").catch((problem: Problem) => {
      if (problem.status === 401) return null;
      throw problem;
    }),
  staleTime: 5 * 60_000,
});

/** The session of whoever looks at this page; only inside of the shell, which shows nothing without one. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error("useSession outside of the shell");
  return data;
}

/** Whether a session holds a scope; `admin` implies all but one's own inbox. */
export function may(session: Session, scope: string | undefined): boolean {
  return scope === undefined || session.scopes.includes(scope) || (scope !== "inbox" && session.scopes.includes("admin"));
}
