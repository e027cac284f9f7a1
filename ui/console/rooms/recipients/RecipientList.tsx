/** `/ops/recipients`: who can be notified. */
import type { Problem } from "@client/problem";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Users } from "lucide-react";
import { useCallback, useState } from "react";
import { Button, Chip, type Column, EmptyState, ErrorPanel, Link, Skeleton, Table, TextField, UndoBar } from "../../kit";
import { useTyped } from "../../filters/typed";
import { useText } from "../../language";
import { http, may, queries, useSession } from "../../session";
import { announce } from "../../shell/announce";
import { Page } from "../../shell/Page";
import { type Recipient, RECIPIENTS, recipientsQuery } from "../configs/api";
import { useLiveConfigs } from "../configs/live";
import styles from "../configs/Configs.module.css";
import { text } from "./messages";
import { removed } from "./removed";

export default function RecipientList() {
  const t = useText(text);
  useLiveConfigs();
  const navigate = useNavigate();
  const { q = "" } = useSearch({ strict: false }) as { q?: string };
  const people = useQuery(recipientsQuery);
  const mayWrite = may(useSession(), "configs:write");
  const create = (
    <Button variant="primary" icon={<Plus aria-hidden size={16} />} onPress={() => void navigate({ to: "/ops/recipients/new" })}>
      {t("create")}
    </Button>
  );
  const rows = people.data?.filter((one) => JSON.stringify(one).toLowerCase().includes(q.toLowerCase())) ?? [];
  const search = (next: string) => void navigate({ to: ".", search: { q: next || undefined } as never, replace: true });
  return (
    <Page title={t("title")} lead={t("lead")} actions={mayWrite && create}>
      {people.error && <ErrorPanel error={people.error} title={t("loadFailed")} onRetry={() => void people.refetch()} />}
      {people.isPending && <Skeleton shape="rows" />}
      {people.data && people.data.length > 0 && <Search q={q} onChange={search} />}
      {people.data && <Rows rows={rows} empty={<EmptyState title={t("noneTitle")} icon={<Users aria-hidden size={32} />}>{t("noneBody")}</EmptyState>} />}
      <Undo />
    </Page>
  );
}

function Search({ q, onChange }: { q: string; onChange: (q: string) => void }) {
  const t = useText(text);
  const [typed, setTyped] = useTyped(q, onChange);
  return (
    <div className={styles.filters} role="search">
      <TextField label={t("search")} type="search" value={typed} onChange={setTyped} />
    </div>
  );
}

function Rows({ rows, empty }: { rows: readonly Recipient[]; empty: React.ReactNode }) {
  const t = useText(text);
  const columns: Column<Recipient>[] = [
    {
      id: "name",
      title: t("name"),
      isRowHeader: true,
      cell: (one) => (
        <span className={styles.name}>
          <Link href={`/ops/recipients/${encodeURIComponent(one.id)}`}>{one.name || one.id}</Link>
          <code className={styles.id}>{one.id}</code>
        </span>
      ),
    },
    { id: "addresses", title: t("addresses"), cell: (one) => <Addresses recipient={one} /> },
    { id: "locale", title: t("locale"), cell: (one) => one.locale },
    { id: "timezone", title: t("timezone"), cell: (one) => one.timezone },
    { id: "roles", title: t("roles"), cell: ({ roles }) => (roles?.length ? <span className={styles.chips}>{roles.map((role) => <Chip key={role}>{role}</Chip>)}</span> : "–") },
  ];
  return <Table label={t("title")} columns={columns} rows={rows} rowKey={(one) => one.id} empty={empty} />;
}

function Addresses({ recipient }: { recipient: Recipient }) {
  const t = useText(text);
  const all = Object.entries(recipient.addresses ?? {});
  if (all.length === 0) return <span className={styles.note}>{t("noAddresses")}</span>;
  return <span className={styles.settings}>{all.map(([channel, address]) => `${channel}: ${address}`).join(", ")}</span>;
}

function Undo() {
  const t = useText(text);
  const last = removed.use();
  const [isPending, setPending] = useState(false);
  const close = useCallback(() => removed.put(null), []);
  const undo = () => {
    if (!last) return;
    setPending(true);
    http
      .post<Recipient>(`${RECIPIENTS}/${encodeURIComponent(last.id)}/revisions/${last.revision}/restore`)
      .then(() => queries.invalidateQueries({ queryKey: recipientsQuery.queryKey }))
      .then(() => announce(t("restored", { name: last.name })))
      .catch((problem: Problem) => announce(t("failed", { why: problem.detail }), "assertive"))
      .finally(() => {
        setPending(false);
        close();
      });
  };
  return <UndoBar message={last && t("deleted", { name: last.name })} onUndo={undo} onClose={close} isPending={isPending} />;
}
