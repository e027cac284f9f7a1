import { Ban, KeyRound, LogOut, Pencil, ScrollText, Trash2, UserCheck } from "lucide-react";
import type { ReactNode } from "react";
import { Chip, type ChipProps, type Column, Link, Menu, type MenuAction, Table, Time } from "../../kit";
import { useText } from "../../language";
import { useSession } from "../../session";
import type { Account } from "../administer/api";
import styles from "../administer/administer.module.css";
import { useAddress } from "../operate/address";
import type { Ask } from "./Asked";
import { text } from "./messages";

interface AccountTableProps {
  accounts: readonly Account[];
  onAsk: (ask: Ask) => void;
  empty: ReactNode;
}

export function AccountTable({ accounts, onAsk, empty }: AccountTableProps) {
  const t = useText(text);
  const { search } = useAddress();
  const columns: Column<Account>[] = [
    { id: "person", title: t("person"), isRowHeader: true, cell: (one) => <Person account={one} /> },
    { id: "role", title: t("role"), cell: (one) => t(`role_${one.role}`) },
    { id: "recipient", title: t("recipient"), cell: (one) => <Inbox id={one.recipient} /> },
    { id: "state", title: t("state"), cell: (one) => <State account={one} /> },
    { id: "sessions", title: t("sessions"), cell: (one) => t("sessionsCount", { n: one.sessions }) },
    { id: "signedIn", title: t("lastSignIn"), cell: (one) => (one.signed_in_at ? <Time value={one.signed_in_at} /> : t("never")) },
    { id: "acts", title: t("actsTitle"), isTitleHidden: true, isNarrow: true, cell: (one) => <Acts account={one} onAsk={onAsk} /> },
  ];
  return <Table label={t("title")} columns={columns} rows={accounts} rowKey={(one) => one.id} isSelected={(one) => one.id === search.account} empty={empty} />;
}

function Person({ account }: { account: Account }) {
  const t = useText(text);
  const isMe = useSession().account.id === account.id;
  return (
    <span className={styles.name}>
      <span>
        {account.name} {isMe && <Chip>{t("you")}</Chip>}
      </span>
      {account.login !== account.name && <span className={styles.id}>{account.login}</span>}
    </span>
  );
}

function Inbox({ id }: { id: string | null }) {
  const t = useText(text);
  return id === null ? <>{t("noInbox")}</> : <Link href={`/ops/recipients/${encodeURIComponent(id)}`}>{id}</Link>;
}

function State({ account }: { account: Account }) {
  const t = useText(text);
  const [word, tone] = stateOf(account);
  return <Chip tone={tone}>{t(word)}</Chip>;
}

function stateOf(account: Account): [keyof (typeof text)["en"], ChipProps["tone"]] {
  if (account.disabled) return ["disabled", "error"];
  if (account.has_password) return ["active", "success"];
  if (account.invited_until) return ["invited", "info"];
  return account.signed_in_at ? ["linkOnly", "neutral"] : ["inviteOver", "warning"];
}

function Acts({ account, onAsk }: { account: Account; onAsk: (ask: Ask) => void }) {
  const t = useText(text);
  const about = (kind: Ask["kind"]) => () => onAsk({ kind, account });
  const items: MenuAction[] = [
    { id: "edit", label: t("edit"), icon: <Pencil size={16} aria-hidden />, onAction: about("edit") },
    {
      id: "link", label: t("newLink"), description: t("newLinkHelp"), icon: <KeyRound size={16} aria-hidden />,
      isDisabled: account.disabled, onAction: about("link"),
    },
    { id: "trail", label: t("trail"), icon: <ScrollText size={16} aria-hidden />, href: `/ops/audit?about=${encodeURIComponent(account.id)}` },
    { id: "out", label: t("signOut"), icon: <LogOut size={16} aria-hidden />, isDisabled: account.sessions === 0, onAction: about("out"), startsGroup: true },
    account.disabled
      ? { id: "enable", label: t("enable"), icon: <UserCheck size={16} aria-hidden />, onAction: about("enable") }
      : { id: "disable", label: t("disable"), icon: <Ban size={16} aria-hidden />, onAction: about("disable") },
    { id: "remove", label: t("remove"), icon: <Trash2 size={16} aria-hidden />, isDanger: true, onAction: about("remove") },
  ];
  return <Menu label={t("acts", { name: account.name })} items={items} />;
}
