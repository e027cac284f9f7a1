/** Who is signed in here, and the way out. */
import { useMutation } from "@tanstack/react-query";
import { KeyRound, LogOut, MonitorCog } from "lucide-react";
import { Suspense, useState } from "react";
import { Button } from "react-aria-components";
import { Menu, type MenuAction } from "../kit";
import { useText } from "../language";
import { part } from "../parts";
import { http, queries, type Session, sessionQuery } from "../session";
import styles from "./Account.module.css";
import { text } from "./accountMessages";
import { announce } from "./announce";

const ChangePassword = part(() => import("./ChangePassword").then((file) => ({ default: file.ChangePassword })));

export function Account({ session }: { session: Session }) {
  const t = useText(text);
  const [isChanging, setChanging] = useState(false);
  const { name, login, has_password: hasPassword } = session.account;
  const signOut = useMutation({
    mutationFn: () => http.delete("/api/v1/session"),
    onSuccess: () => {
      queries.clear(); // nothing that was read stays for whoever comes next
      queries.setQueryData(sessionQuery.queryKey, null);
    },
    onError: () => announce(t("signOutFailed"), "assertive"),
  });
  const settings: MenuAction = { id: "settings", label: t("settings"), icon: <MonitorCog size={16} aria-hidden />, href: "/settings" };
  const password: MenuAction = {
    id: "password",
    label: t(hasPassword ? "changePassword" : "setPassword"),
    icon: <KeyRound size={16} aria-hidden />,
    onAction: () => setChanging(true),
  };
  const out: MenuAction = { id: "out", label: t("signOut"), icon: <LogOut size={16} aria-hidden />, startsGroup: true, onAction: () => signOut.mutate() };
  const trigger = (
    <Button className={styles.trigger}>
      <span className={styles.mark} aria-hidden>
        {initials(name)}
      </span>
      <span className={styles.words}>
        <span className={styles.name}>{name}</span>
        <span className={styles.role}>{t(`role_${session.role}`)}</span>
      </span>
    </Button>
  );
  return (
    <div>
      <Menu label={t("menu", { name })} items={login === null ? [settings, out] : [settings, password, out]} trigger={trigger} />
      <Suspense>{isChanging && <ChangePassword session={session} onClose={() => setChanging(false)} />}</Suspense>
    </div>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase())
    .join("");
}
