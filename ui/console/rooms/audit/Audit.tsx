/** `/ops/audit`: who got in, who did not, and who changed what others may do. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { Button, EmptyState, ErrorPanel, Skeleton } from "../../kit";
import { useText } from "../../language";
import { Page } from "../../shell/Page";
import { auditQuery } from "../administer/api";
import { useAddress } from "../operate/address";
import { useCalmly } from "../operate/calm";
import { Freshness } from "../operate/Freshness";
import { More } from "../operate/More";
import { AuditTable } from "./AuditTable";
import { choiceOf, CLEARED, isNarrowed } from "./choice";
import { Filters } from "./Filters";
import { text } from "./messages";

export default function Audit() {
  const t = useText(text);
  const { search, change } = useAddress();
  const found = useInfiniteQuery(auditQuery(choiceOf(search)));
  const place = useCalmly<HTMLDivElement>(() => void found.refetch());
  const records = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t("title")} lead={t("lead")}>
      <Filters records={records} />
      {found.isError && <ErrorPanel error={found.error} title={t("loadFailed")} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton shape="rows" lines={8} />}
      {found.isSuccess && (
        <>
          <div ref={place} aria-busy={found.isFetchingNextPage || found.isPlaceholderData}>
            <AuditTable records={records} empty={<Empty isNarrowed={isNarrowed(search)} onClear={() => change(CLEARED)} />} />
          </div>
          <More list={found} end={records.length > 0 ? t("end") : null} />
          <Freshness list={found} />
        </>
      )}
    </Page>
  );
}

function Empty({ isNarrowed, onClear }: { isNarrowed: boolean; onClear: () => void }) {
  const t = useText(text);
  return isNarrowed ? (
    <EmptyState title={t("emptyFiltered")} action={<Button onPress={onClear}>{t("clear")}</Button>} />
  ) : (
    <EmptyState title={t("empty")} icon={<ScrollText size={32} />}>
      {t("emptyWords")}
    </EmptyState>
  );
}
