/** One notice of the list: shape, word and edge of its severity, what it says, and what can be done with it. */
import { isUnread, linkOf, nameOf } from "@client/entries";
import type { Act, Entry, Row } from "@client/inbox";
import { excerpt } from "@shared/excerpt";
import { ExternalLink, Inbox, ListCheck, Mail, MailOpen } from "lucide-react";
import { memo, type MouseEvent } from "react";
import { Chip, Menu, type MenuAction, Severity, severityName, Time, useSeverityWord } from "../../kit";
import { useText } from "../../language";
import { text } from "./messages";
import styles from "./NoticeRow.module.css";
import type { Search } from "../../filters/search";

/** What a row asks of the room; the same object all the time. */
export interface RowActs {
  open: (id: string) => void;
  act: (act: Act, id: string) => void;
  toggle: (id: string, range: boolean) => void;
  narrow: (changes: Search) => void;
  focused: (id: string) => void;
  href: (id: string) => string;
}

export interface NoticeRowProps {
  row: Row;
  /** Where it stands, from 1, of how many; -1: nobody knows. */
  place: number;
  size: number;
  isCurrent: boolean;
  isOpen: boolean;
  isSelected: boolean;
  isCompact: boolean;
  acts: RowActs;
}

export const NoticeRow = memo(function NoticeRow({ row, place, size, isCurrent, isOpen, isSelected, isCompact, acts }: NoticeRowProps) {
  const t = useText(text);
  const word = useSeverityWord();
  const { entry } = row;
  const title = nameOf(entry);
  const tab = isCurrent ? 0 : -1;
  const names = [styles.row, isCompact ? styles.compact : ""].join(" ");
  const onClick = (event: MouseEvent<HTMLElement>) => {
    if (event.target instanceof Element && event.target.closest("a, button, label, input")) return;
    acts.open(entry.id);
  };
  return (
    <article
      className={names}
      data-notice-id={entry.id}
      data-severity={severityName(entry.severity)}
      data-unread={isUnread(entry) || undefined}
      data-leaving={row.leaving || undefined}
      data-open={isOpen || undefined}
      data-selected={isSelected || undefined}
      aria-posinset={place}
      aria-setsize={size}
      aria-label={`${t("row", { severity: word(entry.severity), title })}${isUnread(entry) ? `. ${t("unreadMark")}` : ""}`}
      tabIndex={tab}
      onFocus={() => acts.focused(entry.id)}
      onClick={onClick}
    >
      <label className={styles.select}>
        <input
          type="checkbox"
          tabIndex={tab}
          checked={isSelected}
          aria-label={t("select", { title })}
          onChange={(event) => acts.toggle(entry.id, (event.nativeEvent as unknown as { shiftKey?: boolean }).shiftKey === true)}
        />
      </label>
      <span className={styles.glyph}>
        <Severity value={entry.severity} iconOnly />
      </span>
      <div className={styles.words}>
        <div className={styles.first}>
          <a className={styles.title} href={acts.href(entry.id)} tabIndex={-1} onClick={(event) => follow(event, () => acts.open(entry.id))}>
            {title}
          </a>
          {entry.count > 1 && (
            <span className={styles.count} title={t("times", { n: entry.count })}>
              ×{entry.count}
            </span>
          )}
          {entry.status === "resolved" && <Chip tone="success">{t("resolved")}</Chip>}
        </div>
        <p className={styles.second}>
          {[entry.alert, entry.entity?.key, excerpt(entry.title ? entry.message : "")].filter(Boolean).join(" · ")}
        </p>
      </div>
      <span className={styles.when}>
        {isUnread(entry) && <span className={styles.dot} title={t("unreadMark")} />}
        <Time value={entry.updated_at} isStatic />
      </span>
      <RowButtons entry={entry} title={title} tab={tab} acts={acts} />
    </article>
  );
});

function RowButtons({ entry, title, tab, acts }: { entry: Entry; title: string; tab: number; acts: RowActs }) {
  const t = useText(text);
  const link = linkOf(entry);
  const archived = entry.archived_at !== null;
  const [done, DoneIcon] = archived ? (["unarchive", Inbox] as const) : (["archive", ListCheck] as const);
  const [seen, SeenIcon] = entry.read_at ? (["unread", Mail] as const) : (["read", MailOpen] as const);
  const doneLabel = t(archived ? "restore" : "done");
  const seenLabel = t(entry.read_at ? "markUnread" : "read");
  return (
    <div className={styles.buttons}>
      {link && (
        <a
          className={`${styles.button} ${styles.lesser}`}
          href={link.href}
          tabIndex={tab}
          title={t("goTo", { host: link.host })}
          aria-label={t("goTo", { host: link.host })}
          onClick={() => acts.act("read", entry.id)}
          {...(link.isOutside ? { target: "_blank", rel: "noopener noreferrer nofollow" } : {})}
        >
          <ExternalLink size={16} aria-hidden />
        </a>
      )}
      <button type="button" className={`${styles.button} ${styles.lesser}`} tabIndex={tab} title={seenLabel} aria-label={seenLabel} onClick={() => acts.act(seen, entry.id)}>
        <SeenIcon size={16} aria-hidden />
      </button>
      <button type="button" className={styles.button} tabIndex={tab} title={doneLabel} aria-label={doneLabel} onClick={() => acts.act(done, entry.id)}>
        <DoneIcon size={16} aria-hidden />
      </button>
      <span data-row-menu>
        <Menu label={t("more", { title })} items={useMenu(entry, acts)} />
      </span>
    </div>
  );
}

function useMenu(entry: Entry, acts: RowActs): MenuAction[] {
  const t = useText(text);
  const archived = entry.archived_at !== null;
  const link = linkOf(entry);
  return [
    { id: "open", label: t("open"), shortcut: "Enter", onAction: () => acts.open(entry.id) },
    entry.read_at
      ? { id: "unread", label: t("markUnread"), shortcut: "Shift+U", onAction: () => acts.act("unread", entry.id) }
      : { id: "read", label: t("read"), shortcut: "Shift+I", onAction: () => acts.act("read", entry.id) },
    { id: "done", label: t(archived ? "restore" : "done"), shortcut: "e", onAction: () => acts.act(archived ? "unarchive" : "archive", entry.id) },
    ...(link ? [{ id: "go", label: t("goTo", { host: link.host }), onAction: () => goTo(link, () => acts.act("read", entry.id)) }] : []),
    { id: "alert", label: t("onlyAlert", { alert: entry.alert }), startsGroup: true, onAction: () => acts.narrow({ alert: entry.alert }) },
    ...(entry.entity
      ? [
          {
            id: "entity",
            label: t("onlyEntity", { entity: entry.entity.key }),
            onAction: () => acts.narrow({ topic: entry.entity?.topic, entity: entry.entity?.key }),
          },
        ]
      : []),
  ];
}

/** A path is a page of whoever shares our address, not one of ours: the browser goes there. */
function goTo({ href, isOutside }: { href: string; isOutside: boolean }, read: () => void): void {
  read();
  if (isOutside) open(href, "_blank", "noopener,noreferrer");
  else location.assign(href);
}

/** A plain click stays in the panel; with a modifier the browser does what it always does. */
function follow(event: MouseEvent, go: () => void): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
  event.preventDefault();
  go();
}
