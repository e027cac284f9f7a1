"""SQL of inboxes: pages, counts, and the marks that people set. Every change leaves an event in the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select, update

from notice_center import emissions, inbox
from notice_center.filters import InboxFilter, in_view
from notice_center.fold import NoticeState
from notice_center.inbox import Entry
from notice_center.paging import WINDOW, Span, cut, span
from notice_center.tables import entry, notice, outbox
from service_kit import outbox as outbox_rows

Mark = Literal["read", "unread", "acknowledge", "archive", "unarchive"]
Pair = tuple[NoticeState, Entry]

JOINED = entry.join(notice, notice.c.number == entry.c.notice)
_ENTRY_COLUMNS = [column.label(f"entry_{column.name}") for column in entry.c]
PAIRS = select(notice, *_ENTRY_COLUMNS).select_from(JOINED)
#: The same for who is going to change them: on PostgreSQL another process may be changing them at the same time.
OWNED = PAIRS.with_for_update(of=entry)
#: Entries marked in one transaction: everybody else who writes waits for no more.
CHUNK = 250
#: Unread entries are counted so far: nobody acts otherwise on ten thousand than on more.
COUNTED = 10_000


@dataclass(frozen=True)
class Page:
    """Pairs, newest first; the cursor of the next page; the position as of which this is the truth."""

    pairs: Sequence[Pair]
    next: int | None
    as_of: int


@dataclass(frozen=True)
class Unread:
    """How many unread entries there are by severity; those with none are absent. Beyond a bound not all are counted."""

    by_severity: Mapping[str, int]
    exact: bool


def page(connection: Connection, recipient: str, chosen: InboxFilter, before: int | None, limit: int) -> Page:
    """Up to `limit` entries of those that a request looks at."""
    as_of = emissions.last_folded(connection)
    numbers = span(connection, chosen, before)
    floor = _floor(connection, recipient, chosen, numbers) if chosen.picky else None
    low = numbers.low if floor is None else floor
    own = and_(entry.c.recipient == recipient, entry.c.notice >= low, entry.c.notice < numbers.high)
    found = PAIRS.where(own, chosen.where()).order_by(entry.c.notice.desc()).limit(limit + 1)
    rows = [pair(row) for row in connection.execute(found)]
    pairs, following = cut(rows, limit, lambda one: one[0].number, floor)
    return Page(pairs, following, as_of)


def _floor(connection: Connection, recipient: str, chosen: InboxFilter, numbers: Span) -> int | None:
    """Where the window ends; None when it holds everything. Of the unread there is an index, so only they count."""
    own = and_(entry.c.recipient == recipient, entry.c.notice >= numbers.low, entry.c.notice < numbers.high)
    seen = select(entry.c.notice).where(own)
    if chosen.view == "unread":
        seen = seen.where(in_view("unread"))
    return connection.execute(seen.order_by(entry.c.notice.desc()).offset(WINDOW - 1).limit(1)).scalar()


def unread_by_severity(connection: Connection, recipient: str) -> Unread:
    """Counted over the newest unread entries, so that a badge costs milliseconds however many there are."""
    mine = and_(entry.c.recipient == recipient, in_view("unread"))
    newest = select(entry.c.notice).where(mine).order_by(entry.c.notice.desc()).limit(COUNTED + 1).subquery()
    counted: Select[str, int] = (
        select(notice.c.severity, func.count())
        .select_from(newest.join(notice, notice.c.number == newest.c.notice))
        .group_by(notice.c.severity)
    )
    found = {row[0]: row[1] for row in connection.execute(counted)}
    return Unread(found, sum(found.values()) <= COUNTED)


def find(connection: Connection, recipient: str, notice_id: str) -> Pair | None:
    """One entry of a recipient; None when there is none, whoever else may have it."""
    row = connection.execute(PAIRS.where(notice.c.id == notice_id, entry.c.recipient == recipient)).one_or_none()
    return None if row is None else pair(row)


def mark(
    connection: Connection, recipient: str, notice_id: str, mark: Mark, note: str | None, now: datetime
) -> Pair | None:
    """Set a mark on one entry and return it; a mark that is there already stays as it was. None: no such entry."""
    row = connection.execute(OWNED.where(notice.c.id == notice_id, entry.c.recipient == recipient)).one_or_none()
    if row is None:
        return None
    state, before = pair(row)
    after = replace(before, **_marks(before, mark, note, now))
    if after != before:
        save(connection, [(state, after)])
    return state, after


def _marks(before: Entry, mark: Mark, note: str | None, now: datetime) -> Mapping[str, Any]:
    if mark == "unread":
        return {"read_at": None}
    read = {"read_at": before.read_at or now}
    if mark == "acknowledge":
        return {
            **read,
            "acknowledged_at": before.acknowledged_at or now,
            "acknowledge_note": note if note is not None else before.acknowledge_note,
        }
    if mark == "unarchive":
        return {"archived_at": None}
    return read if mark == "read" else {"archived_at": before.archived_at or now}


def save(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Store changed entries, and tell of them."""
    if pairs:
        connection.execute(_SAVE, [_saved(one) for _, one in pairs])
    tell(connection, pairs)


def tell(connection: Connection, pairs: Sequence[Pair]) -> None:
    """Leave an event of each changed entry."""
    outbox_rows.put_texts(connection, outbox, [inbox.event(state, one, "updated") for state, one in pairs])


def _saved(one: Entry) -> dict[str, Any]:
    marks = {name: getattr(one, name) for name in _MARKS}
    return {"whose": one.recipient, "of": one.notice, **marks}


_MARKS = ("read_at", "acknowledged_at", "acknowledge_note", "archived_at")
_SAVE = (
    update(entry)
    .where(entry.c.recipient == bindparam("whose"), entry.c.notice == bindparam("of"))
    .values({name: bindparam(name) for name in _MARKS})
)


def pair(row: Row[Any]) -> Pair:
    """A row of `PAIRS`: the columns stand in the order of the fields."""
    return NoticeState(*row[:_WIDTH]), Entry(*row[_WIDTH:])


_WIDTH = len(notice.c)
