/** `/ops/tokens`: what programs call with. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button, Chip, type Column, ConfirmDialog, EmptyState, ErrorPanel, Skeleton, Table, Time, useNow } from "../../kit";
import { useText } from "../../language";
import { queries } from "../../session";
import { Page } from "../../shell/Page";
import { revokeToken, type Token, tokensQuery } from "../administer/api";
import styles from "../administer/administer.module.css";
import { Once } from "../administer/Once";
import { useAddress } from "../operate/address";
import { CreateToken } from "./CreateToken";
import { text } from "./messages";

export default function Tokens() {
  const t = useText(text);
  const { data, error, isPending, refetch } = useQuery(tokensQuery);
  const [isCreating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [revoked, setRevoked] = useState<Token | null>(null);
  const create = (
    <Button variant="primary" icon={<Plus aria-hidden size={16} />} onPress={() => setCreating(true)}>
      {t("create")}
    </Button>
  );
  const empty = (
    <EmptyState title={t("noneTitle")} icon={<KeyRound size={32} />}>
      {t("noneBody")}
    </EmptyState>
  );
  return (
    <Page title={t("title")} lead={t("lead")} actions={create}>
      {error && <ErrorPanel error={error} title={t("loadFailed")} onRetry={() => void refetch()} />}
      {isPending && <Skeleton shape="rows" />}
      {data && <List tokens={data} onRevoke={setRevoked} empty={empty} />}
      {data && data.length > 0 && <p className={styles.note}>{t("usedNote")}</p>}
      {isCreating && <CreateToken onClose={() => setCreating(false)} onCreated={setSecret} />}
      <Once secret={secret} title={t("onceTitle")} label={t("onceTitle")} done={t("done")} onClose={() => setSecret(null)}>
        {t("onceBody")}
      </Once>
      {revoked && <Revoke token={revoked} onClose={() => setRevoked(null)} />}
    </Page>
  );
}

interface ListProps {
  tokens: readonly Token[];
  onRevoke: (token: Token) => void;
  empty: React.ReactNode;
}

function List({ tokens, onRevoke, empty }: ListProps) {
  const t = useText(text);
  const { search } = useAddress();
  const columns: Column<Token>[] = [
    { id: "name", title: t("name"), isRowHeader: true, cell: (one) => <span className={styles.name}>{one.name || t("unnamed")}</span> },
    { id: "scopes", title: t("scopes"), cell: (one) => <Scopes token={one} /> },
    { id: "recipient", title: t("recipient"), cell: (one) => one.recipient ?? "–" },
    { id: "used", title: t("used"), cell: (one) => (one.used_at ? <Time value={one.used_at} /> : t("never")) },
    { id: "created", title: t("created"), cell: (one) => <Time value={one.created_at} /> },
    { id: "expires", title: t("expires"), cell: (one) => <Expiry at={one.expires_at} /> },
    {
      id: "acts",
      title: t("acts"),
      isTitleHidden: true,
      isNarrow: true,
      cell: (one) => (
        <Button size="small" icon={<Trash2 aria-hidden size={14} />} onPress={() => onRevoke(one)} aria-label={`${t("revoke")}: ${one.name || one.id}`}>
          {t("revoke")}
        </Button>
      ),
    },
  ];
  return <Table label={t("title")} columns={columns} rows={tokens} rowKey={(one) => one.id} isSelected={(one) => one.id === search.token} empty={empty} />;
}

function Scopes({ token }: { token: Token }) {
  return (
    <span className={styles.chips}>
      {token.scopes.map((scope) => (
        <Chip key={scope} tone={scope === "admin" ? "warning" : "neutral"}>
          {scope}
        </Chip>
      ))}
    </span>
  );
}

function Expiry({ at }: { at: string | null }) {
  const t = useText(text);
  const until = at === null ? Infinity : Date.parse(at);
  const now = useNow(until);
  if (at === null) return <>{t("noExpiry")}</>;
  return until <= now ? <Chip tone="error">{t("expired")}</Chip> : <Time value={at} show="absolute" />;
}

function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const t = useText(text);
  const act = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: () => {
      queries.setQueryData(tokensQuery.queryKey, (known) => known?.filter((one) => one.id !== token.id));
      onClose();
    },
  });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={t("revokeTitle", { name: token.name || t("unnamed") })}
      consequence={t("revokeBody")}
      confirmLabel={t("revoke")}
      onConfirm={() => act.mutate()}
      isPending={act.isPending}
      error={act.error && <ErrorPanel error={act.error} title={t("revokeFailed")} />}
    />
  );
}
