/** The list itself: only the rows near what is seen are in the page, and the one with the focus, wherever it is. */
import type { ListSnapshot, Row } from "@client/inbox";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import { Button, ErrorPanel } from "../../kit";
import { useText } from "../../language";
import styles from "./Feed.module.css";
import { text } from "./messages";
import { NoticeRow, type RowActs } from "./NoticeRow";

export interface FeedHandle {
  /** Move the focus to a row; without one to the list as a whole. */
  focus: (id: string | null) => void;
  toTop: () => void;
}

export interface FeedProps {
  snapshot: ListSnapshot;
  isStale: boolean;
  isCompact: boolean;
  /** The row that Tab leads to. */
  current: string | null;
  open: string | null;
  selected: ReadonlySet<string>;
  acts: RowActs;
  onLoadMore: () => void;
  onRetry: () => void;
  onTop: (isTop: boolean) => void;
  onHover: (isHovered: boolean) => void;
  empty: ReactNode;
  ref: Ref<FeedHandle>;
}

const REM = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
/** So near to the end the next page is asked for. */
const NEAR = 15;
const TOP_PX = 8;

export function Feed({ snapshot, isStale, isCompact, current, open, selected, acts, onLoadMore, onRetry, onTop, onHover, empty, ref }: FeedProps) {
  const t = useText(text);
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  const { rows, ended, loading, problem } = snapshot;
  const place = rows.findIndex((row) => row.entry.id === current);
  // eslint-disable-next-line react-hooks/incompatible-library -- drawn anew with each scroll; its rows are memoized
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => (isCompact ? 2.5 : 4) * REM(),
    getItemKey: (index) => rows[index]?.entry.id ?? index,
    overscan: 8,
    rangeExtractor: (range) => withFocus(defaultRangeExtractor(range), place),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (!ended && loading === null && problem === null && last >= rows.length - NEAR) onLoadMore();
  }, [ended, loading, problem, last, rows.length, onLoadMore]);
  useLayoutEffect(() => virtual.measure(), [virtual, isCompact]);

  const focus = (id: string | null) => {
    wanted.current = id;
    const index = rows.findIndex((row) => row.entry.id === id);
    if (index >= 0) virtual.scrollToIndex(index, { align: "auto" });
    if (!focusRow(box.current, id)) box.current?.focus({ preventScroll: true });
  };
  useLayoutEffect(() => {
    const isGone = !rows.some((row) => row.entry.id === wanted.current);
    if (wanted.current !== null && (isGone || focusRow(box.current, wanted.current))) wanted.current = null;
  });
  useImperativeHandle(ref, () => ({ focus, toTop: () => box.current?.scrollTo({ top: 0 }) }));

  return (
    <div
      ref={box}
      className={styles.box}
      tabIndex={-1}
      onScroll={(event) => onTop(event.currentTarget.scrollTop < TOP_PX)}
      onPointerEnter={(event) => onHover(event.pointerType === "mouse")}
      onPointerLeave={() => onHover(false)}
    >
      <div className={styles.progress} data-busy={isStale || loading === "first" || undefined} aria-hidden />
      {problem && <ErrorPanel error={problem} title={t("loadFailed")} onRetry={onRetry} isRetrying={loading !== null} />}
      {rows.length === 0 && ended && !isStale && empty}
      <div
        role="feed"
        aria-label={t("list")}
        aria-busy={isStale || loading !== null}
        className={styles.feed}
        style={{ blockSize: `${virtual.getTotalSize()}px` }}
        onKeyDown={(event) => turnPage(event, rows, current, focus)}
      >
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          return row === undefined ? null : (
            <div key={key} data-index={index} ref={virtual.measureElement} className={styles.place} style={{ transform: `translateY(${start}px)` }}>
              <NoticeRow
                row={row}
                place={index + 1}
                size={ended ? rows.length : -1}
                isCurrent={row.entry.id === current || (place < 0 && index === 0)}
                isOpen={row.entry.id === open}
                isSelected={selected.has(row.entry.id)}
                isCompact={isCompact}
                acts={acts}
              />
            </div>
          );
        })}
      </div>
      {rows.length > 0 && (
        <p className={styles.end}>
          {ended ? t("end") : <Button variant="quiet" onPress={onLoadMore} isPending={loading === "more"}>{t("loadMore")}</Button>}
        </p>
      )}
    </div>
  );
}

function withFocus(range: number[], place: number): number[] {
  return place < 0 || range.includes(place) ? range : [...range, place].sort((one, other) => one - other);
}

function focusRow(box: HTMLElement | null, id: string | null): boolean {
  const row = id === null ? null : box?.querySelector<HTMLElement>(`[data-notice-id="${CSS.escape(id)}"]`);
  row?.focus({ preventScroll: true });
  return document.activeElement === row;
}

/** As a feed is read with a screen reader: Page Up and Page Down go from article to article. */
function turnPage(event: React.KeyboardEvent, rows: readonly Row[], current: string | null, focus: (id: string | null) => void): void {
  const step = event.key === "PageDown" ? 1 : event.key === "PageUp" ? -1 : 0;
  const next = rows[rows.findIndex((row) => row.entry.id === current) + step];
  if (step === 0 || next === undefined) return;
  event.preventDefault();
  focus(next.entry.id);
}
