/** Every message that was handed to a channel; the dead ones apart. */
import { formatDuration } from "@shared/time";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button, type Column, EmptyState, ErrorPanel, Link, Skeleton, Table, Tabs, Time } from "../../kit";
import { useLocale, useText } from "../../language";
import { useReason } from "../../problems/useReason";
import { may, useSession } from "../../session";
import { Page } from "../../shell/Page";
import { useAddress } from "../operate/address";
import { channelsQuery, type ListedMessage, messagesQuery } from "../operate/api";
import { useCalmly } from "../operate/calm";
import { Freshness } from "../operate/Freshness";
import { More } from "../operate/More";
import { choiceOf, isNarrowed } from "./choice";
import styles from "./deliveries.module.css";
import { Filters } from "./Filters";
import { text } from "./messages";
import { ReplayDialog } from "./ReplayDialog";
import { Status } from "./Status";

export default function Deliveries() {
  const t = useText(text);
  const { search, change } = useAddress();
  const isDead = search.status === "dead";
  const channels = useQuery(channelsQuery).data?.items ?? [];
  const dead = channels.reduce((sum, channel) => sum + channel.dead, 0);
  const list = <List channels={channels.map((channel) => channel.name)} isDead={isDead} />;
  return (
    <Page title={t("title")} lead={t("lead")}>
      <Tabs
        label={t("views")}
        value={isDead ? "dead" : "all"}
        onChange={(view) => change({ status: view === "dead" ? "dead" : undefined })}
        options={[
          { value: "all", label: t("all"), content: list },
          { value: "dead", label: dead ? `${t("deadLetters")} · ${dead}` : t("deadLetters"), content: list },
        ]}
      />
    </Page>
  );
}

function List({ channels, isDead }: { channels: readonly string[]; isDead: boolean }) {
  const t = useText(text);
  const { search } = useAddress();
  const session = useSession();
  const [isReplaying, setReplaying] = useState(false);
  const asked = [search.status, search.channel, search.notice, search.q, search.period];
  const found = useInfiniteQuery(messagesQuery(asked, (now) => choiceOf(search, now)));
  const columns = useColumns();
  const place = useCalmly<HTMLDivElement>(() => void found.refetch());
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={styles.list}>
      <Filters channels={channels} withStatus={!isDead} />
      {isDead && rows.length > 0 && may(session, "messages:write") && (
        <div>
          <Button onPress={() => setReplaying(true)}>{t("replayAll")}</Button>
        </div>
      )}
      {found.isError && <ErrorPanel title={t("failed")} error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton shape="rows" lines={8} />}
      {found.isSuccess && (
        <div className={styles.rows}>
          <div ref={place}>
            <Table
              label={t("title")}
              columns={columns}
              rows={rows}
              rowKey={(row) => row.id}
              empty={<Empty isDead={isDead} />}
            />
          </div>
          <More list={found} />
          <Freshness list={found} />
        </div>
      )}
      {isReplaying && <ReplayDialog search={search} onClose={() => setReplaying(false)} />}
    </div>
  );
}

function Empty({ isDead }: { isDead: boolean }) {
  const t = useText(text);
  const { search } = useAddress();
  if (isNarrowed(search) || (search.status && !isDead)) return <EmptyState title={t("emptyFiltered")} />;
  if (isDead) return <EmptyState title={t("emptyDead")}>{t("emptyDeadWords")}</EmptyState>;
  return <EmptyState title={t("emptyNew")}>{t("emptyNewWords")}</EmptyState>;
}

function useColumns(): readonly Column<ListedMessage>[] {
  const t = useText(text);
  return [
    {
      id: "title",
      title: t("message"),
      isRowHeader: true,
      cell: (row) => <Link href={`/ops/deliveries/${encodeURIComponent(row.id)}`}>{row.title || row.id}</Link>,
    },
    { id: "status", title: t("state"), isNarrow: true, cell: (row) => <Status value={row.status} /> },
    { id: "channel", title: t("channel"), isNarrow: true, cell: (row) => row.channel },
    { id: "to", title: t("to"), cell: (row) => row.to },
    { id: "attempts", title: t("attempts"), align: "end", isNarrow: true, cell: (row) => row.attempt_count },
    { id: "accepted", title: t("accepted"), isNarrow: true, cell: (row) => <Time value={row.accepted_at} /> },
    { id: "outcome", title: t("outcome"), cell: (row) => <Known row={row} /> },
  ];
}

/** Why it was not sent, or how soon it was. */
function Known({ row }: { row: ListedMessage }) {
  const t = useText(text);
  const locale = useLocale();
  const say = useReason();
  const took = row.finished_at ? formatDuration(Date.parse(row.finished_at) - Date.parse(row.accepted_at), locale) : null;
  return (
    <span className={styles.said}>
      {say(row.reason, row.reason_codes) ?? (took ? t("sentAfter", { time: took }) : "–")}
      {row.status === "pending" && row.attempt_count > 0 && (
        <>
          {" · "}
          {t("nextTry")} <Time value={row.due_at} isStatic />
        </>
      )}
    </span>
  );
}
