/** One notice: what it says, what can be done, and everything that happened to it. For a page, and for a pane. */
import { nameOf } from "@client/entries";
import { BellOff, CircleSlash, SearchX } from "lucide-react";
import { EmptyState, ErrorPanel, Json, Link, Skeleton } from "../../kit";
import { Disclosure } from "../../kit/Disclosure";
import { Markdown } from "../../kit/Markdown";
import { useText } from "../../language";
import { may, type Session, useSession } from "../../session";
import { Title } from "../../unread/Title";
import { Actions } from "./Actions";
import { Attachments } from "./Attachments";
import { Facts } from "./Facts";
import { Header } from "./Header";
import { text } from "./messages";
import styles from "./Notice.module.css";
import { Timeline } from "./Timeline";
import { type Trail, useNotice } from "./useNotice";

export interface NoticeViewProps {
  id: string;
  /** Of its heading: 1 on a page of its own, 2 beside a list. */
  level: 1 | 2;
}

export function NoticeView({ id, level }: NoticeViewProps) {
  const t = useText(text);
  const session = useSession();
  const { data, error, refetch, isFetching } = useNotice(session, id);
  const forbidden = session.recipient === null && !may(session, "notices:read");
  if (forbidden) return <Absent status={403} level={level} />;
  if (error && [403, 404, 410].includes(error.status)) return <Absent status={error.status} level={level} />;
  if (!data) {
    return (
      <article className={styles.notice} aria-busy={!error}>
        {level === 1 ? <h1 className="visually-hidden">{t("title")}</h1> : null}
        {error ? <ErrorPanel error={error} onRetry={() => void refetch()} isRetrying={isFetching} /> : <Skeleton lines={5} />}
      </article>
    );
  }
  return <Loaded trail={data} session={session} level={level} />;
}

function Loaded({ trail, session, level }: { trail: Trail; session: Session; level: 1 | 2 }) {
  const t = useText(text);
  const { notice } = trail;
  const own = trail.recipients.find((one) => one.recipient === session.recipient);
  const title = nameOf(notice);
  return (
    <article className={styles.notice} data-notice-id={notice.id} aria-label={title}>
      {level === 1 && <Title>{title}</Title>}
      <Header notice={notice} title={title} level={level} />
      <Actions notice={notice} own={own} />
      {notice.message && (
        <section aria-label={t("message")} className={styles.message}>
          <Markdown>{notice.message}</Markdown>
        </section>
      )}
      <Attachments notice={notice} session={session} />
      <Facts trail={trail} session={session} />
      <Timeline trail={trail} session={session} />
      <Disclosure title={t("raw")}>
        <Json label={t("rawLabel")} value={notice} />
      </Disclosure>
    </article>
  );
}

/** Three different pages: never there, not for you, and deleted because it is old. */
function Absent({ status, level }: { status: number; level: 1 | 2 }) {
  const t = useText(text);
  const { name, body, icon } = {
    403: { name: "forbiddenTitle", body: t("forbiddenBody"), icon: <CircleSlash size={32} /> } as const,
    410: { name: "goneTitle", body: t("goneBody"), icon: <BellOff size={32} /> } as const,
  }[status] ?? ({ name: "absentTitle", body: t("absentBody"), icon: <SearchX size={32} /> } as const);
  return (
    <>
      {level === 1 && (
        <>
          <Title>{t(name)}</Title>
          <h1 className="visually-hidden">{t(name)}</h1>
        </>
      )}
      <EmptyState title={t(name)} icon={icon} action={<Link href="/inbox">{t("toInbox")}</Link>}>
        {body}
      </EmptyState>
    </>
  );
}
