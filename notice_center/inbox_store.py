"""SQL of inboxes: pages, counts, and the marks that people set. Every change leaves an event in the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, and_, func, select, update

from notice_center import emissions, inbox
from notice_center.fold import NoticeState
from notice_center.inbox import Entry
from notice_center.paging import InboxFilter
from notice_center.tables import entry, notice, outbox
from service_kit import outbox as outbox_rows

Mark = Literal["read", "unread", "acknowledge", "archive"]
Pair = tuple[NoticeState, Entry]

_JOINED = entry.join(notice, notice.c.number == entry.c.notice)
_ENTRY_COLUMNS = [column.label(f"entry_{column.name}") for column in entry.c]
_PAIRS = select(notice, *_ENTRY_COLUMNS).select_from(_JOINED)
#: Entries marked in one transaction: short enough that nobody notices a thousand unread.
_CHUNK = 500


@dataclass(frozen=True)
class Upto:
    """How far a read-all reaches: what fired up to a position in the order of folding, or up to a time."""

    position: int | None = None
    time: datetime | None = None


def page(
    connection: Connection, recipient: str, chosen: InboxFilter, before: int | None, limit: int
) -> tuple[list[Pair], int]:
    """Up to `limit` entries, newest first, and the position as of which this is the truth."""
    as_of = emissions.last_folded(connection)
    found = _PAIRS.where(entry.c.recipient == recipient, chosen.where())
    if before is not None:
        found = found.where(entry.c.notice < before)
    rows = connection.execute(found.order_by(entry.c.notice.desc()).limit(limit))
    return [_pair(row) for row in rows], as_of


def unread_by_severity(connection: Connection, recipient: str) -> dict[str, int]:
    """How many entries are neither read nor archived, by severity; those with none are absent."""
    counted = (
        select(notice.c.severity, func.count())
        .select_from(_JOINED)
        .where(entry.c.recipient == recipient, InboxFilter(unread=True).where())
        .group_by(notice.c.severity)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def find(connection: Connection, recipient: str, notice_id: str) -> Pair | None:
    """One entry of a recipient; None when there is none, whoever else may have it."""
    row = connection.execute(_PAIRS.where(notice.c.id == notice_id, entry.c.recipient == recipient)).one_or_none()
    return None if row is None else _pair(row)


def mark(
    connection: Connection, recipient: str, notice_id: str, mark: Mark, note: str | None, now: datetime
) -> Pair | None:
    """Set a mark on one entry and return it; a mark that is there already stays as it was. None: no such entry."""
    found = find(connection, recipient, notice_id)
    if found is None:
        return None
    state, before = found
    after = replace(before, **_marks(before, mark, note, now))
    if after != before:
        _save(connection, [(state, after)])
    return state, after


def read_some(connection: Connection, recipient: str, chosen: InboxFilter, upto: Upto, now: datetime) -> int:
    """Mark some of the unread entries as read, oldest first; returns how many. 0: all are done."""
    unread = chosen.model_copy(update={"unread": True}).where()
    reach = notice.c.fired_seq <= upto.position if upto.time is None else notice.c.fired_at <= upto.time
    found = _PAIRS.where(entry.c.recipient == recipient, unread, reach).order_by(entry.c.notice).limit(_CHUNK)
    pairs = [_pair(row) for row in connection.execute(found)]
    _save(connection, [(state, replace(one, read_at=now)) for state, one in pairs])
    return len(pairs)


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
    return read if mark == "read" else {"archived_at": before.archived_at or now}


def _save(connection: Connection, pairs: Sequence[Pair]) -> None:
    for _, one in pairs:
        own = and_(entry.c.recipient == one.recipient, entry.c.notice == one.notice)
        connection.execute(update(entry).where(own).values(**vars(one)))
    outbox_rows.put_texts(connection, outbox, [inbox.event(state, one, "updated") for state, one in pairs])


def _pair(row: Row[Any]) -> Pair:
    values = row._mapping
    state = NoticeState(**{column.name: values[column] for column in notice.c})
    return state, Entry(**{column.name: values[f"entry_{column.name}"] for column in entry.c})
