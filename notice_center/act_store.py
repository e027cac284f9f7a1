"""SQL of acts: one person marks many entries, in short transactions, and can have it undone.

Each transaction goes through the next stretch of the inbox, upwards, and notes how far it came. So an act that was cut
off goes on from there, and what arrives meanwhile lies beyond its bound. What a stretch holds is looked up beside the
writer (`look`): with a choosy filter that takes longer than to mark what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from notice_center.filters import InboxFilter
from notice_center.inbox import Entry
from notice_center.inbox_store import CHUNK, JOINED, OWNED, Pair, pair, save, tell
from notice_center.paging import WINDOW, span
from notice_center.tables import act as acts
from notice_center.tables import entry, notice, touch
from service_kit.bulk import insert_rows

Act = Literal["read", "unread", "archive", "unarchive"]
#: Entries that one act may touch.
MOST = 100_000
#: How long an act can be undone.
KEPT = timedelta(days=1)
#: Touches that one transaction forgets.
_FORGOTTEN = 2_000

#: The mark of an act, and whether it is set or taken away.
_MARKS: dict[str, tuple[str, bool]] = {
    "read": ("read_at", True), "unread": ("read_at", False),
    "archive": ("archived_at", True), "unarchive": ("archived_at", False),
}  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What is asked for: these entries, or those that match; of them what fired up to `as_of`."""

    recipient: str
    act: Act
    ids: tuple[str, ...] | None
    chosen: InboxFilter
    as_of: int

    def where(self) -> ColumnElement[bool]:
        """The entries that the act would change."""
        column, sets = _MARKS[self.act]
        changes = entry.c[column].is_(None) if sets else entry.c[column].is_not(None)
        named = notice.c.id.in_(self.ids) if self.ids is not None else self.chosen.where()
        return and_(entry.c.recipient == self.recipient, changes, named, notice.c.fired_seq <= self.as_of)


@dataclass(frozen=True)
class Progress:
    """A row of `inbox_act`. `state`: going, done, undoing, undone."""

    number: int
    recipient: str
    id: str
    request: str
    act: Act
    at: datetime
    as_of: int
    reached: int
    touched: int
    state: str
    restored: int

    @property
    def is_open(self) -> bool:
        """Whether there is more to do."""
        return self.state in ("going", "undoing")


@dataclass(frozen=True)
class Stretch:
    """The numbers of notices that an act comes to next, after `after`, and how far it has come with them."""

    after: int
    numbers: Sequence[int]
    reached: int
    last: bool


def begin(connection: Connection, wanted: Wanted, id_: str, request: str, now: datetime) -> Progress:
    """The act of this id: a new one, or the one that was begun before."""
    known = find(connection, wanted.recipient, id_)
    if known is None:
        values = {
            "recipient": wanted.recipient, "id": id_, "request": request, "act": wanted.act, "at": now,
            "as_of": wanted.as_of, "reached": -1, "touched": 0, "state": "going", "restored": 0,
        }  # fmt: skip
        connection.execute(insert(acts).values(values))
        known = find(connection, wanted.recipient, id_)
    assert known is not None
    return known


def find(connection: Connection, recipient: str, id_: str) -> Progress | None:
    """An act of this person; None when there is none, or it is forgotten."""
    row = connection.execute(select(acts).where(acts.c.recipient == recipient, acts.c.id == id_)).one_or_none()
    return None if row is None else Progress(**row._mapping)


def count(connection: Connection, wanted: Wanted) -> int:
    """How many entries the act would touch; one more than it may when there are more."""
    some = select(entry.c.notice).select_from(JOINED).where(wanted.where(), _times(connection, wanted))
    return connection.execute(select(func.count()).select_from(some.limit(MOST + 1).subquery())).scalar_one()


def unfinished(connection: Connection) -> list[Progress]:
    """Acts that are not at their end, the oldest first."""
    rows = connection.execute(select(acts).where(acts.c.state.in_(("going", "undoing"))).order_by(acts.c.number))
    return [Progress(**row._mapping) for row in rows]


def look(connection: Connection, wanted: Wanted, now: Progress) -> Stretch:
    """What comes next of an act that has come as far as `now`."""
    end = _end_of_stretch(connection, wanted, now.reached)
    beyond = [entry.c.notice > now.reached, *([] if end is None else [entry.c.notice <= end])]
    room = min(CHUNK, MOST - now.touched)
    found = select(entry.c.notice).select_from(JOINED).where(wanted.where(), _times(connection, wanted), *beyond)
    numbers = list(connection.scalars(found.order_by(entry.c.notice).limit(room)))
    if len(numbers) == room:
        return Stretch(now.reached, numbers, numbers[-1], last=False)
    return Stretch(now.reached, numbers, now.reached if end is None else end, last=end is None)


def go_on(connection: Connection, number: int, wanted: Wanted, stretch: Stretch) -> Progress:
    """Mark what `look` found, as far as it still is so."""
    now = _locked(connection, number)
    if now.state != "going" or now.reached != stretch.after:
        return now  # somebody else went on meanwhile
    found = OWNED.where(wanted.where(), entry.c.notice.in_(stretch.numbers)).order_by(entry.c.notice)
    pairs = [pair(row) for row in connection.execute(found)]
    _touch(connection, now, pairs)
    touched = now.touched + len(pairs)
    state = "done" if stretch.last or touched >= MOST else "going"
    return _note(connection, now, reached=stretch.reached, touched=touched, state=state)


def undo_some(connection: Connection, number: int) -> Progress:
    """Put back some of the marks that an act replaced, where nothing changed them since."""
    now = _locked(connection, number)
    if now.state in ("going", "undone"):
        return now
    if now.state == "done":
        now = _note(connection, now, state="undoing", reached=-1)
    stretch = select(touch).where(touch.c.act == number, touch.c.notice > now.reached)
    rows = connection.execute(stretch.order_by(touch.c.notice).limit(CHUNK)).all()
    restored = _restore(connection, now, {row.notice: (row.was, row.round) for row in rows})
    reached = rows[-1].notice if rows else now.reached
    state = "undoing" if len(rows) == CHUNK else "undone"
    return _note(connection, now, reached=reached, restored=now.restored + restored, state=state)


def forget_some(connection: Connection, before: datetime) -> bool:
    """Delete some of what is kept of acts that nobody will undo any more; returns whether there was any."""
    number = connection.scalar(select(acts.c.number).where(acts.c.at < before).order_by(acts.c.at).limit(1))
    if number is None:
        return False
    some = select(touch.c.notice).where(touch.c.act == number).order_by(touch.c.notice).limit(_FORGOTTEN)
    if not connection.execute(delete(touch).where(touch.c.act == number, touch.c.notice.in_(some))).rowcount:
        connection.execute(delete(acts).where(acts.c.number == number))
    return True


def _locked(connection: Connection, number: int) -> Progress:
    """On PostgreSQL two requests may be about one act; they take turns at its row."""
    row = connection.execute(select(acts).where(acts.c.number == number).with_for_update()).one()
    return Progress(**row._mapping)


def _note(connection: Connection, before: Progress, **changes: Any) -> Progress:
    connection.execute(update(acts).where(acts.c.number == before.number).values(**changes))
    return replace(before, **changes)


def _times(connection: Connection, wanted: Wanted) -> ColumnElement[bool]:
    numbers = span(connection, wanted.chosen, None)
    return and_(entry.c.notice >= numbers.low, entry.c.notice < numbers.high)


def _end_of_stretch(connection: Connection, wanted: Wanted, after: int) -> int | None:
    """So many entries are looked at in one transaction; None when the rest is fewer, or found by id."""
    if wanted.ids is not None:
        return None
    rest = select(entry.c.notice).where(entry.c.recipient == wanted.recipient, entry.c.notice > after)
    return connection.execute(rest.order_by(entry.c.notice).offset(WINDOW - 1).limit(1)).scalar()


def _touch(connection: Connection, by: Progress, pairs: Sequence[Pair]) -> None:
    column, sets = _MARKS[by.act]
    rows = [(by.number, state.number, getattr(one, column), state.round) for state, one in pairs]
    insert_rows(connection, touch, rows)
    mark = by.at if sets else None  # the same for all: one statement
    numbers = [state.number for state, _ in pairs]
    mine = update(entry).where(entry.c.recipient == by.recipient, entry.c.notice.in_(numbers))
    connection.execute(mine.values({column: mark}))
    tell(connection, [(state, _marked(one, column, mark)) for state, one in pairs])


def _restore(connection: Connection, by: Progress, found: dict[int, tuple[datetime | None, int]]) -> int:
    """An entry is put back when it is as the act left it, and the notice has not asked for attention anew."""
    column, sets = _MARKS[by.act]
    as_left = entry.c[column] == by.at if sets else entry.c[column].is_(None)
    rows = connection.execute(OWNED.where(entry.c.recipient == by.recipient, entry.c.notice.in_(found), as_left))
    pairs = [one for one in map(pair, rows) if found[one[0].number][1] == one[0].round]
    save(connection, [(state, _marked(one, column, found[state.number][0])) for state, one in pairs])
    return len(pairs)


def _marked(one: Entry, column: str, at: datetime | None) -> Entry:
    changes: dict[str, Any] = {column: at}
    return replace(one, **changes)
