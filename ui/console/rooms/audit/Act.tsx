import { KeyRound, KeySquare, Link2, LockKeyhole, LogIn, LogOut, type LucideIcon, ShieldX, UserCog, UserPlus, UserX } from "lucide-react";
import { useText } from "../../language";
import type { AuditAction } from "../administer/api";
import styles from "./audit.module.css";
import { text } from "./messages";

const ICONS: Record<AuditAction, LucideIcon> = {
  "signed-in": LogIn,
  "sign-in-refused": ShieldX,
  "signed-out": LogOut,
  "password-changed": LockKeyhole,
  "sign-in-link-made": Link2,
  "account-created": UserPlus,
  "account-changed": UserCog,
  "account-deleted": UserX,
  "account-invited": Link2,
  "sessions-ended": LogOut,
  "token-created": KeyRound,
  "token-revoked": KeySquare,
  "jwts-revoked": KeySquare,
};

/** What was done. Only a refusal stands out: it is what somebody looks for. */
export function Act({ value }: { value: AuditAction }) {
  const t = useText(text);
  const Icon = ICONS[value];
  return (
    <span className={styles.act} data-refused={value === "sign-in-refused" || undefined}>
      <Icon size={16} aria-hidden />
      {t(`act_${value}`)}
    </span>
  );
}
