/** Why the list is empty, and what can be done: five different reasons. */
import type { Filter } from "@client/inbox";
import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck, Clock, Inbox, SearchX } from "lucide-react";
import { Button, EmptyState, ErrorPanel, useNow } from "../../kit";
import { useText } from "../../language";
import { http, may, useSession } from "../../session";
import { text as filterText } from "../../filters/messages";
import { text } from "./messages";
import { cleared, isFiltered, type Search } from "../../filters/search";

const LONG_AGO_MS = 30 * 24 * 3600 * 1000;

export function Empty({ filter, change }: { filter: Filter; change: (changes: Search) => void }) {
  const t = useText(text);
  const filters = useText(filterText);
  const to = Date.parse(filter.to ?? "");
  const isLongAgo = to < useNow(to || 0) - LONG_AGO_MS;
  const clear = <Button onPress={() => change(cleared())}>{filters("clear")}</Button>;
  if (isLongAgo)
    return (
      <EmptyState icon={<Clock size={32} />} title={t("emptyGoneTitle")} action={clear}>
        {t("emptyGoneBody")}
      </EmptyState>
    );
  if (isFiltered(filter)) return <EmptyState icon={<SearchX size={32} />} title={t("emptyFilterTitle")} action={clear} />;
  return <EmptyView view={filter.view} />;
}

function EmptyView({ view }: { view: Filter["view"] }) {
  const t = useText(text);
  const everything = useQuery({
    queryKey: ["inbox", "any"],
    queryFn: () => http.get<{ items: unknown[] }>("/api/v1/inbox", { view: "all", limit: 1 }),
    staleTime: 0,
  });
  if (everything.isPending) return null;
  if (everything.data?.items.length === 0) return <BrandNew />;
  if (view === "archived") return <EmptyState icon={<Inbox size={32} />} title={t("emptyArchivedTitle")}>{t("emptyArchivedBody")}</EmptyState>;
  return (
    <EmptyState icon={<CircleCheck size={32} />} title={t(view === "unread" ? "emptyUnreadTitle" : "emptyDoneTitle")}>
      {t("emptyDoneBody")}
    </EmptyState>
  );
}

function BrandNew() {
  const t = useText(text);
  const session = useSession();
  const send = useMutation({
    mutationFn: () =>
      http.post("/api/v1/notices", { title: t("testTitle"), message: t("testBody"), severity: "info", recipients: [session.recipient] }),
  });
  const action = (
    <Button variant="primary" onPress={() => send.mutate()} isPending={send.isPending}>
      {t("emptyNewAct")}
    </Button>
  );
  return (
    <EmptyState icon={<Inbox size={32} />} title={t("emptyNewTitle")} action={may(session, "notices:write") ? action : null}>
      {send.error ? <ErrorPanel error={send.error} /> : t("emptyNewBody")}
    </EmptyState>
  );
}
