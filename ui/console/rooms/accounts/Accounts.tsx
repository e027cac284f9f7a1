/** `/ops/accounts`: the people who can sign in. */
import { formatTime } from "@shared/time";
import { useQuery } from "@tanstack/react-query";
import { Plus, UserRound } from "lucide-react";
import { useState } from "react";
import { Button, EmptyState, ErrorPanel, Skeleton, useNow } from "../../kit";
import { useChoice } from "../../choices";
import { useLocale, useText } from "../../language";
import { Page } from "../../shell/Page";
import { type Account, accountsQuery, type Link } from "../administer/api";
import { Once } from "../administer/Once";
import { AccountTable } from "./AccountTable";
import { Asked, type Ask } from "./Asked";
import { Invite } from "./Invite";
import { text } from "./messages";

export interface Made {
  account: Account;
  link: Link;
}

export default function Accounts() {
  const t = useText(text);
  const { data, error, isPending, refetch } = useQuery(accountsQuery);
  const [isInviting, setInviting] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const [ask, setAsk] = useState<Ask | null>(null);
  const invite = (
    <Button variant="primary" icon={<Plus aria-hidden size={16} />} onPress={() => setInviting(true)}>
      {t("invite")}
    </Button>
  );
  return (
    <Page title={t("title")} lead={t("lead")} actions={invite}>
      {error && <ErrorPanel error={error} title={t("loadFailed")} onRetry={() => void refetch()} />}
      {isPending && <Skeleton shape="rows" />}
      {data && (
        <AccountTable accounts={data} onAsk={setAsk} empty={<EmptyState title={t("noneTitle")} icon={<UserRound size={32} />} />} />
      )}
      {isInviting && <Invite onClose={() => setInviting(false)} onMade={setMade} />}
      {ask && <Asked ask={ask} onClose={() => setAsk(null)} onMade={setMade} />}
      <LinkShown made={made} onClose={() => setMade(null)} />
    </Page>
  );
}

function LinkShown({ made, onClose }: { made: Made | null; onClose: () => void }) {
  const t = useText(text);
  const locale = useLocale();
  const zone = useChoice("timeZone");
  const at = made ? Date.parse(made.link.expires_at) : 0;
  const now = useNow(at);
  const until = formatTime(at, locale, zone, "short", now);
  const title = t("linkTitle", { name: made?.account.name ?? "" });
  return (
    <Once secret={made && here(made.link.link)} title={title} label={title} done={t("done")} onClose={onClose}>
      {t("linkBody", { until })}
    </Once>
  );
}

/** The link as it leads to where this page is: behind a proxy the server may not know its own name. */
function here(link: string): string {
  return new URL(new URL(link).pathname + new URL(link).hash, location.origin).href;
}
