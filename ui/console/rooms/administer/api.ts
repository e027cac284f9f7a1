/** What the administrators' rooms ask the configurator for. */
import type { components } from "@client/generated/api";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { all, LATER_MS, listQuery } from "../../ask";
import { http } from "../../session";

type Schemas = components["schemas"];
export type Token = Schemas["TokenView"];
export type TokenRequest = Schemas["TokenRequest"];
export type Account = Schemas["AccountView"];
export type AccountRequest = Schemas["AccountRequest"];
export type Role = Account["role"];
export type Link = Schemas["LinkView"];
export type AuditRecord = Schemas["RecordView"];
export type AuditAction = AuditRecord["action"];
export type About = Schemas["AboutView"];

/** Which records; what is not given does not narrow. `by` and `about` are ids. */
export interface AuditChoice {
  action?: AuditAction;
  by?: string;
  about?: string;
}

const TOKENS = "/api/v1/tokens";
const ACCOUNTS = "/api/v1/accounts";
const AUDIT = "/api/v1/audit";
const PAGE = 50;

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => all<Token>(TOKENS, signal),
  refetchInterval: LATER_MS,
});

export const accountsQuery = queryOptions({
  queryKey: ["accounts"],
  queryFn: ({ signal }) => all<Account>(ACCOUNTS, signal),
  refetchInterval: LATER_MS,
});

export const auditQuery = (choice: AuditChoice) => ({
  ...listQuery<AuditRecord>(["audit", choice], AUDIT, PAGE, () => ({ ...choice })),
  placeholderData: keepPreviousData, // the focus stays in the row from which the list was narrowed
});

export const createToken = (request: TokenRequest) => http.post<Schemas["NewTokenView"]>(TOKENS, request);
export const revokeToken = (id: string) => http.delete<null>(`${TOKENS}/${encodeURIComponent(id)}`);

export const createAccount = (request: AccountRequest) => http.post<Schemas["InvitedView"]>(ACCOUNTS, request);
export const inviteAgain = (id: string) => http.post<Link>(`${at(id)}/invite`);
export const signOut = (id: string) => http.post<Schemas["SignedOut"]>(`${at(id)}/sign-out`);
export const deleteAccount = (id: string) => http.delete<null>(at(id));
export const changeAccount = (id: string, change: Partial<Schemas["AccountPatch"]>) =>
  http.call<Account>("PATCH", at(id), { body: change }).then((answer) => answer.body);

const at = (id: string) => `${ACCOUNTS}/${encodeURIComponent(id)}`;

/** The part of a refusal that is about one field of the form. */
export function fieldError(problem: { errors: readonly { pointer: string; detail: string }[] } | null, field: string): string | null {
  return problem?.errors.find((one) => one.pointer === `/${field}`)?.detail ?? null;
}
