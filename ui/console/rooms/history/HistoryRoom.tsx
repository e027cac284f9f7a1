/** Everything that was said: operators see all notices, others their own. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { useEffect, useRef } from "react";
import { FilterButton, Narrowed, SearchField, Severities } from "../../filters/Filters";
import { cleared, FILTERS, useAsked } from "../../filters/search";
import { Button, EmptyState, ErrorPanel, Skeleton } from "../../kit";
import { useText } from "../../language";
import { useSession } from "../../session";
import { useShortcuts } from "../../shell/keys";
import { Page } from "../../shell/Page";
import { ExportMenu } from "./ExportMenu";
import { HistoryRow } from "./HistoryRow";
import styles from "./HistoryRoom.module.css";
import { text } from "./messages";
import { sourceOf } from "./source";
import { useHistory } from "./useHistory";

export default function HistoryRoom() {
  const t = useText(text);
  const session = useSession();
  const { filter, recipient, ignored, search, change } = useAsked();
  const source = sourceOf(session, filter, recipient);
  const history = useHistory(source);
  const field = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: "/", label: t("list"), group: t("title"), act: () => field.current?.focus() }]);
  const isFiltered = FILTERS.some((name) => search[name]);
  return (
    <Page title={t("title")} lead={t(source.seesAll ? "leadAll" : "leadOwn")} actions={<ExportMenu source={source} />}>
      <div className={styles.head}>
        <div className={styles.line}>
          <SearchField search={search} change={change} field={field} />
          <FilterButton search={search} change={change} asksRecipient={source.seesAll} />
        </div>
        <Severities value={filter.severity ?? []} change={change} />
        <Narrowed {...{ search, ignored, change }} />
      </div>
      {history.error && <ErrorPanel error={history.error} title={t("loadFailed")} onRetry={() => void history.refetch()} />}
      {history.hasNewer && (
        <div className={styles.newer}>
          <Button size="small" variant="primary" icon={<ArrowUp size={14} aria-hidden />} onPress={() => void history.showNewer()}>
            {t("newer")}
          </Button>
        </div>
      )}
      {history.isPending && !history.error && <Skeleton shape="rows" lines={8} />}
      {history.data && history.items.length === 0 && !history.hasNextPage ? (
        <EmptyState
          title={t(isFiltered ? "empty" : "emptyAll")}
          action={isFiltered ? <Button onPress={() => change(cleared())}>{t("clear")}</Button> : null}
        />
      ) : (
        history.data && <Rows history={history} />
      )}
    </Page>
  );
}

const NEAR = 30;

function Rows({ history }: { history: ReturnType<typeof useHistory> }) {
  const t = useText(text);
  const box = useRef<HTMLDivElement>(null);
  const { items, hasNextPage, isFetchingNextPage, isPlaceholderData, fetchNextPage, isError } = history;
  // eslint-disable-next-line react-hooks/incompatible-library -- drawn anew with each scroll; its rows are memoized
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => 2.5 * parseFloat(getComputedStyle(document.documentElement).fontSize),
    getItemKey: (index) => items[index]?.id ?? index,
    overscan: 12,
  });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isError && last >= items.length - NEAR) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isError, last, items.length, fetchNextPage]);
  return (
    <div ref={box} className={styles.box} tabIndex={0} role="region" aria-label={t("list")} aria-busy={isPlaceholderData || isFetchingNextPage}>
      <div role="table" aria-label={t("list")} aria-rowcount={hasNextPage ? -1 : items.length + 1}>
        <div role="rowgroup" className="visually-hidden">
          <div role="row" aria-rowindex={1}>
            {(["time", "severity", "notice", "alert", "entity", "state"] as const).map((name) => (
              <span key={name} role="columnheader">
                {t(name)}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className={styles.rows} style={{ blockSize: `${virtual.getTotalSize()}px` }}>
          {seen.map(({ index, key, start }) => {
            const item = items[index];
            return item ? (
              <div key={key} role="presentation" data-index={index} ref={virtual.measureElement} className={styles.place} style={{ transform: `translateY(${start}px)` }}>
                <HistoryRow item={item} index={index} />
              </div>
            ) : null;
          })}
        </div>
      </div>
      <p className={styles.end}>
        {hasNextPage ? (
          <Button variant="quiet" isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            {t(items.length === 0 ? "searching" : "loadMore")}
          </Button>
        ) : (
          t("end")
        )}
      </p>
    </div>
  );
}
