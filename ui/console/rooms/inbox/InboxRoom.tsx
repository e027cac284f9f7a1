/** One's own notices: the list, and beside it the one that is being read. */
import type { Act } from "@client/inbox";
import { useParams, useRouter } from "@tanstack/react-router";
import { ArrowUp } from "lucide-react";
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useChoice } from "../../choices";
import { Button, EmptyState, ErrorPanel, type MenuAction, Skeleton, UndoBar } from "../../kit";
import { useText } from "../../language";
import { part } from "../../parts";
import { useSession } from "../../session";
import { inbox } from "../../unread/store";
import { Title } from "../../unread/Title";
import { BulkBar } from "./BulkBar";
import { Empty } from "./Empty";
import { Feed, type FeedHandle } from "./Feed";
import styles from "./InboxRoom.module.css";
import { text } from "./messages";
import type { RowActs } from "./NoticeRow";
import { Pane } from "./Pane";
import { useAsked } from "../../filters/search";
import { Toolbar } from "./Toolbar";
import { useActs } from "./useActs";
import { useKeys } from "./useKeys";
import { useList } from "./useList";
import { useSelection } from "./useSelection";

const Everything = part(() => import("./Everything").then((file) => ({ default: file.Everything })));

export default function InboxRoom() {
  const t = useText(text);
  const { recipient } = useSession();
  if (recipient !== null) return <InboxOf />;
  return (
    <>
      <Title>{t("title")}</Title>
      <EmptyState title={t("emptyForbiddenTitle")}>{t("emptyForbiddenBody")}</EmptyState>
    </>
  );
}

function InboxOf() {
  const t = useText(text);
  const { filter, ignored, search, change } = useAsked();
  const { list, snapshot, isStale } = useList(filter);
  const { rows } = snapshot;
  const selection = useSelection(rows);
  const acts = useActs();
  const isCompact = useCompact();
  const { open, go, href } = useOpen();
  const feed = useRef<FeedHandle>(null);
  const field = useRef<HTMLInputElement>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const [isTop, setTop] = useState(true);
  const [isHovered, setHovered] = useState(false);
  const [isInside, setInside] = useState(false);
  const [isLive, setLive] = useState(true);
  const [everything, setEverything] = useState<Act | null>(null);

  useEffect(() => list?.hold(!isLive || !isTop || isHovered || isInside || selection.ids.size > 0));
  useEffect(() => list?.keep(open), [list, open]);
  useEffect(() => {
    if (open !== null) void inbox.act("read", [open]).catch(() => undefined); // the notice says itself what is wrong
  }, [open]);

  const focus = useCallback((id: string | null) => {
    setCurrent(id);
    feed.current?.focus(id);
  }, []);
  /** What takes rows out of the list leaves the focus on the next one. */
  const act = (what: Act | "done", ids: readonly string[]) => {
    const [first] = ids;
    if (first === undefined) return;
    const chosen: Act = what === "done" ? (inbox.entry(first)?.archived_at ? "unarchive" : "archive") : what;
    const leaves = chosen === "archive" || chosen === "unarchive";
    const next = leaves && filter.view !== "all" ? neighbour(rows.map((row) => row.entry.id), ids) : undefined;
    const wasInside = document.activeElement?.closest("[data-notice-id]") !== null || ids.length > 1;
    selection.none();
    void acts.act(chosen, ids, !leaves && ids.length === 1);
    if (next === undefined) return;
    if (open !== null && ids.includes(open)) go(next);
    if (wasInside) focus(next);
  };
  const turn = (step: 1 | -1) => {
    const next = rows[rows.findIndex((row) => row.entry.id === open) + step]?.entry.id;
    if (open !== null && next !== undefined) go(next);
  };
  const back = () => {
    go(null);
    focus(open);
  };
  const chosen = () => (selection.ids.size > 0 ? [...selection.ids] : [current ?? open].filter((id) => id !== null));
  const rowActs = useRowActs({ go, change, href, act, toggle: selection.toggle, focused: setCurrent });
  useKeys({
    rows, current: rows.some((row) => row.entry.id === current) ? current : (rows[0]?.entry.id ?? null), focus,
    read: go, turn, toggle: selection.toggle, act: (what) => act(what, chosen()), undo: () => void acts.undo(),
    search: () => field.current?.focus(),
    back: () => {
      if (selection.ids.size > 0) selection.none();
      else if (open !== null) back();
    },
  }); // prettier-ignore
  const loadMore = useCallback(() => void list?.loadMore(), [list]);
  const retry = useCallback(() => void (list?.snapshot().asOf === null ? list.refresh() : list?.loadMore()), [list]);
  const isArchive = filter.view === "archived";
  const all: MenuAction[] = (["read", "unread", isArchive ? "unarchive" : "archive"] as const).map((one) => ({
    id: one,
    label: t(({ read: "read", unread: "markUnread", archive: "done", unarchive: "restore" } as const)[one]),
    description: t("everything"),
    onAction: () => setEverything(one),
  }));
  return (
    <div className={styles.room} data-reading={open !== null || undefined}>
      <Title>{t("title")}</Title>
      <section className={styles.list} aria-label={t("title")} data-region>
        <Toolbar
          {...{ filter, search, ignored, change, isCompact, isLive }}
          onLive={setLive}
          everything={all}
          searchField={field}
        />
        <BulkBar
          count={selection.ids.size}
          isArchive={isArchive}
          onAct={(one) => act(one, chosen())}
          onAll={selection.all}
          onNone={selection.none}
        />
        {acts.failed && <ErrorPanel error={acts.failed} onRetry={acts.close} />}
        {(snapshot.waiting > 0 || !isLive) && (
          <div className={styles.fresh}>
            <Button
              size="small"
              variant="primary"
              icon={<ArrowUp size={14} aria-hidden />}
              onPress={() => {
                list?.take();
                feed.current?.toTop();
              }}
            >
              {snapshot.waiting > 0 ? t("fresh", { n: snapshot.waiting }) : t("paused")}
            </Button>
          </div>
        )}
        <div
          className={styles.feed}
          onFocus={() => setInside(true)}
          onBlur={(event) => setInside(event.currentTarget.contains(event.relatedTarget))}
        >
          {list === null ? (
            <Skeleton shape="rows" lines={8} />
          ) : (
            <Feed
              ref={feed}
              {...{ snapshot, isStale, current, open }}
              isCompact={isCompact && open === null}
              selected={selection.ids}
              acts={rowActs}
              onLoadMore={loadMore}
              onRetry={retry}
              onTop={setTop}
              onHover={setHovered}
              empty={<Empty filter={filter} change={change} />}
            />
          )}
        </div>
        <UndoBar message={acts.did} onUndo={() => void acts.undo()} onClose={acts.close} />
      </section>
      {open !== null && <Pane id={open} onBack={back} onTurn={turn} />}
      {everything && (
        <Suspense>
          <Everything
            act={everything}
            filter={list?.filter ?? filter}
            onClose={() => setEverything(null)}
            onAct={(asOf) => {
              setEverything(null);
              void acts.actOnAll(everything, list?.filter ?? filter, asOf);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

/** Which notice is read stands in the path, the filter stays in the search. */
function useOpen() {
  const router = useRouter();
  const { id } = useParams({ strict: false }) as { id?: string };
  const go = useCallback(
    (next: string | null) => {
      const to = next === null ? "/inbox" : "/inbox/n/$id";
      void router.navigate({ to, params: { id: next ?? "" } as never, search: true as never });
    },
    [router],
  );
  const href = useCallback(
    (one: string) => router.buildLocation({ to: "/inbox/n/$id", params: { id: one } as never, search: true as never }).href,
    [router],
  );
  return { open: id ?? null, go, href };
}

/** Handlers that stay the same objects, so that rows are drawn only when their notice changes. */
function useRowActs(given: {
  go: (id: string) => void;
  change: RowActs["narrow"];
  href: RowActs["href"];
  act: (act: Act, ids: readonly string[]) => void;
  toggle: RowActs["toggle"];
  focused: RowActs["focused"];
}): RowActs {
  const latest = useRef(given);
  useEffect(() => {
    latest.current = given;
  });
  return useMemo(
    () => ({
      open: (id) => latest.current.go(id),
      act: (act, id) => latest.current.act(act, [id]),
      toggle: (id, range) => latest.current.toggle(id, range),
      narrow: (changes) => latest.current.change(changes),
      focused: (id) => latest.current.focused(id),
      href: (id) => latest.current.href(id),
    }),
    [],
  );
}

/** Operators look at many notices, others at few. */
function useCompact(): boolean {
  const density = useChoice("density");
  const { role } = useSession();
  return density === "compact" || (density === "auto" && role !== "viewer" && matchMedia("(width >= 640px)").matches);
}

/** The row after those that go, else the one before; null when none is left. */
function neighbour(all: readonly string[], going: readonly string[]): string | null {
  const gone = new Set(going);
  const place = all.findIndex((id) => gone.has(id));
  return all.slice(Math.max(place, 0)).find((id) => !gone.has(id)) ?? all.slice(0, Math.max(place, 0)).findLast((id) => !gone.has(id)) ?? null;
}
