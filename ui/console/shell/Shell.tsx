/** The house around every room: navigation, the bar that tells of a lost connection, and who may be here. */
import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Suspense, useEffect, useState } from "react";
import { choicesOf } from "../choices";
import { useText } from "../language";
import { part } from "../parts";
import { stream } from "../live";
import { rooms } from "../rooms";
import { may, type Session, sessionQuery } from "../session";
import { Unread } from "../unread/Unread";
import { useFocusOnArrival } from "./arrival";
import { Keyboard } from "./Keyboard";
import { LiveBar } from "./LiveBar";
import { text } from "./messages";
import { MissingBar } from "./MissingBar";
import { Navigation } from "./Navigation";
import { Page } from "./Page";
import styles from "./Shell.module.css";

const Toasts = part(() => import("../toasts/Toasts").then((file) => ({ default: file.Toasts })));

export function Shell() {
  const t = useText(text);
  const { data: session, isPending } = useQuery({ ...sessionQuery, retryDelay: 2_000, retry: true });
  const location = useLocation();
  useFocusOnArrival();
  if (isPending) return <Unreachable />;
  if (!session) return <Leaving />;
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t("skip")}
      </a>
      <Connection user={session.account.id} />
      <Unread recipient={session.recipient} />
      <Keyboard session={session} />
      <Navigation session={session} />
      <main id="main" className={styles.main} tabIndex={-1} aria-label={t("main")}>
        <LiveBar />
        <MissingBar />
        {isOpen(session, location.pathname) ? <Outlet /> : <Page title={t("forbiddenTitle")} lead={t("forbiddenBody")} />}
      </main>
      <Suspense>
        <Toasts session={session} />
      </Suspense>
    </div>
  );
}

/** To the door, and back afterwards. The address changes before this is gone: only the first one counts. */
function Leaving() {
  const navigate = useNavigate();
  const [next] = useState(useLocation().href);
  useEffect(() => void navigate({ to: "/sign-in", search: { next } as never, replace: true }), [navigate, next]);
  return null;
}

function Connection({ user }: { user: string }) {
  useEffect(() => {
    choicesOf(user);
    stream.open(user);
    return () => stream.close();
  }, [user]);
  return null;
}

/** Shown only when the first answer takes long: a blank page for a moment is calmer than a flash. */
function Unreachable() {
  const t = useText(text);
  const { failureCount } = useQuery(sessionQuery);
  return failureCount > 0 ? <Page title={t("unreachableTitle")} lead={t("unreachableBody")} /> : null;
}

function isOpen(session: Session, path: string): boolean {
  const matches = (pattern: string) => new RegExp(`^${pattern.replace(/\$[a-z]+/g, "[^/]+")}/?$`).test(path);
  const room = rooms.find((one) => one.paths.some(matches));
  return room === undefined || may(session, room.scope);
}
