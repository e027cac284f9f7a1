/** What is known of an act besides who, what and whom: each fact a line. The server says of each action what it keeps. */
import { formatTime } from "@shared/time";
import { useChoice } from "../../choices";
import { useLocale, useText } from "../../language";
import { text as accountText } from "../accounts/messages";
import type { AuditRecord, Role } from "../administer/api";
import { text } from "./messages";

type How = "password" | "sign-in" | "invite";
type Line = string | null;

export function useDetails({ details }: AuditRecord): string[] {
  const t = useText(text);
  const role = useText(accountText);
  const locale = useLocale();
  const zone = useChoice("timeZone");
  const changed = (name: string) => (Array.isArray(details[name]) ? (details[name] as unknown[]) : null);
  const said = (name: string) => (changed(name) ? null : (details[name] ?? null));
  const roleWord = (one: unknown) => role(`role_${one as Role}`);
  const lines: Line[] = [
    said("how") && t(`how_${details.how as How}`),
    said("role") && t("role", { role: roleWord(details.role) }),
    changed("role") && t("role", { role: changed("role")?.map(roleWord).join(" → ") ?? "" }),
    changed("name") && t("name", { name: changed("name")?.join(" → ") ?? "" }),
    changed("disabled") && t(changed("disabled")?.[1] ? "nowDisabled" : "nowEnabled"),
    said("sessions") !== null ? t("sessions", { n: details.sessions as number }) : null,
    said("recipient") && t("inbox", { recipient: String(details.recipient) }),
    changed("scopes") && t("scopes", { scopes: changed("scopes")?.join(", ") ?? "" }),
    said("expires_at") && t("until", { time: formatTime(Date.parse(String(details.expires_at)), locale, zone, "short") }),
  ].map((line) => (typeof line === "string" ? line : null));
  return lines.filter((line) => line !== null);
}
