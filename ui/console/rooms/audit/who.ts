/** Those who act and are acted upon: how they are called, and where they stand. */
import { useQuery } from "@tanstack/react-query";
import { useText } from "../../language";
import { type About, accountsQuery, type AuditRecord, tokensQuery } from "../administer/api";
import { text } from "./messages";

type Noun = AuditRecord["by"] | About;

/** The token that a server begins with, and what is done on its machine, have names of their own. */
const OWN = { bootstrap: "server", operator: "machine" } as const;

/** A name for people; nobody is a stranger. */
export function useNameOf(): (noun: Noun) => string {
  const t = useText(text);
  return (noun) => {
    if (noun === null) return t("stranger");
    const own = OWN[noun.id as keyof typeof OWN];
    return own ? t(own) : noun.name || noun.id;
  };
}

/** Where it can be looked at; null when it is gone, or never was anywhere. */
export function useAddressOf(): (noun: Noun) => string | null {
  const accounts = useQuery(accountsQuery).data ?? [];
  const tokens = useQuery(tokensQuery).data ?? [];
  return (noun) => {
    if (noun === null) return null;
    const id = encodeURIComponent(noun.id);
    if ("kind" in noun && noun.kind === "recipient") return `/ops/recipients/${id}`;
    if (accounts.some((one) => one.id === noun.id)) return `/ops/accounts?account=${id}`;
    return tokens.some((one) => one.id === noun.id) ? `/ops/tokens?token=${id}` : null;
  };
}
