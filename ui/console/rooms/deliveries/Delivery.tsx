/** One message: where it went, each attempt, and what the provider answered. */
import type { Problem } from "@client/problem";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, Code, ConfirmDialog, EmptyState, ErrorPanel, Json, Link, Severity, Skeleton, Time, Warning } from "../../kit";
import { useText } from "../../language";
import { useReason } from "../../problems/useReason";
import { http, may, queries, useSession } from "../../session";
import { Page } from "../../shell/Page";
import { type Message, messageQuery } from "../operate/api";
import { Column, Columns } from "../operate/Columns";
import { Facts, Panel } from "../operate/Facts";
import { Attempts } from "./Attempts";
import { text } from "./messages";
import { Status } from "./Status";

export default function Delivery() {
  const t = useText(text);
  const { id = "" } = useParams({ strict: false }) as { id?: string };
  const found = useQuery(messageQuery(id));
  const back = <Link href="/ops/deliveries">{t("backToList")}</Link>;
  if (found.data) return <Known message={found.data} />;
  return (
    <Page title={t("title")} lead={back}>
      {found.isPending && <Skeleton shape="block" />}
      {found.isError &&
        ((found.error as unknown as Problem).status === 404 ? (
          <EmptyState title={t("gone")} action={back}>
            {t("goneWords")}
          </EmptyState>
        ) : (
          <ErrorPanel title={t("oneFailed")} error={found.error} onRetry={() => void found.refetch()} />
        ))}
    </Page>
  );
}

function Known({ message }: { message: Message }) {
  const t = useText(text);
  return (
    <Page
      title={message.title || message.id}
      lead={<Link href="/ops/deliveries">{t("backToList")}</Link>}
      actions={<Again message={message} />}
    >
      <Columns wide="first">
        <Column>
          <Panel title={t("attemptList")} aside={<Status value={message.status} />}>
            <Attempts attempts={message.attempts} />
          </Panel>
          {message.message && (
            <Panel title={t("body")}>
              <Code label={t("bodyLabel")} wrap>
                {message.message}
              </Code>
            </Panel>
          )}
        </Column>
        <Column>
          <Panel title={t("facts")}>
            <MessageFacts message={message} />
          </Panel>
          {Object.keys(message.data).length > 0 && (
            <Panel title={t("data")}>
              <Json label={t("data")} value={message.data} />
            </Panel>
          )}
        </Column>
      </Columns>
    </Page>
  );
}

function MessageFacts({ message }: { message: Message }) {
  const t = useText(text);
  const say = useReason();
  return (
    <Facts
      facts={[
        [t("to"), message.to],
        [t("channel"), message.channel],
        [t("severity"), <Severity key="severity" value={message.severity} />],
        [t("accepted"), <Time key="accepted" value={message.accepted_at} />],
        [t("nextTry"), message.due_at && <Time key="due" value={message.due_at} />],
        [t("finished"), message.finished_at && <Time key="finished" value={message.finished_at} />],
        [t("reason"), say(message.reason, message.reason_codes)],
        [
          t("notice"),
          message.notice && (
            <Link key="notice" href={`/n/${encodeURIComponent(message.notice)}`}>
              {t("openNotice")}
            </Link>
          ),
        ],
        [t("id"), <code key="id">{message.id}</code>],
      ]}
    />
  );
}

/** Only a dead message can be sent again; who may not does not see the button. */
function Again({ message }: { message: Message }) {
  const t = useText(text);
  const session = useSession();
  const [isAsking, setAsking] = useState(false);
  const replay = useMutation({
    mutationFn: () => http.post<Message>(`/api/v1/messages/${encodeURIComponent(message.id)}/replay`),
    onSuccess: (answer) => {
      queries.setQueryData(messageQuery(message.id).queryKey, answer);
      setAsking(false);
    },
  });
  if (message.status !== "dead" || !may(session, "messages:write")) return null;
  const isUncertain = message.attempts.some((attempt) => attempt.outcome === "lost");
  return (
    <>
      <Button onPress={() => setAsking(true)}>{t("replayOne")}</Button>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t("replayOneTitle", { title: message.title || message.id })}
        consequence={
          <>
            <p>{t("replayOneWords", { to: message.to, channel: message.channel })}</p>
            {isUncertain && <Warning isBoxed>{t("replayOneTwice")}</Warning>}
          </>
        }
        confirmLabel={t("replayGo", { n: 1 })}
        isDanger={isUncertain}
        onConfirm={() => replay.mutate()}
        isPending={replay.isPending}
        error={replay.isError && <ErrorPanel error={replay.error} />}
      />
    </>
  );
}
