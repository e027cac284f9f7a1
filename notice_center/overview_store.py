"""SQL of the overview: what was said over time, and whether anybody read it.

Each question reads an index alone: notices by their time, entries by the numbers of those notices (which grow with
time), decisions by their time. Who read what is asked of the newest notices of the window only: it is about people of
today, and would else take seconds of a busy year. `docs/operations.md` says what that costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, case, func, literal, select, type_coerce

from notice_center.tables import decision, entry, notice
from service_kit.times import micros
from wire.notice import SEVERITIES

#: Of so many notices, the newest of the window, is counted who read them; and of so many entries the median is taken.
READING_OF = 50_000
MEDIAN_OF = 100_000
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Window:
    """From `since` up to, not including, `until`."""

    since: datetime
    until: datetime

    def holds(self, column: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = (column >= self.since) & (column < self.until)
        return found


@dataclass(frozen=True)
class Numbers:
    """Notices of a window, from the first to the last. `whole`: there are no older ones in it."""

    first: int
    last: int
    whole: bool

    def holds(self, column: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = column.between(self.first, self.last)
        return found


@dataclass(frozen=True)
class Said:
    """How many notices of one severity and one alert were opened in one bucket."""

    bucket: int
    severity: str
    alert: str
    count: int


@dataclass(frozen=True)
class Reading:
    """Entries in the inboxes. `median`: the time from entry to reading; `unread` are notices that nobody has read."""

    entries: int
    read: int
    median: timedelta | None
    unread: int


def said(connection: Connection, window: Window, step: timedelta) -> list[Said]:
    """What was opened, by bucket, severity and alert."""
    at = type_coerce(notice.c.created_at, BigInteger)
    bucket = ((at - literal(micros(window.since), BigInteger)) // literal(step // _MICROSECOND, BigInteger)).label("b")
    counted = select(bucket, notice.c.severity, notice.c.alert, func.count()).where(window.holds(notice.c.created_at))
    rows = connection.execute(counted.group_by(bucket, notice.c.severity, notice.c.alert))
    return [Said(int(row[0]), row[1], row[2], row[3]) for row in rows]


def numbers(connection: Connection, window: Window) -> Numbers | None:
    """The newest notices of a window, READING_OF of them at most; None when nothing was opened."""
    at = notice.c.created_at
    some = select(notice.c.number).where(window.holds(at)).limit(1)
    newest = some.order_by(at.desc(), notice.c.number.desc())
    last = connection.scalar(newest)
    first = connection.scalar(newest.offset(READING_OF - 1)) or connection.scalar(some.order_by(at, notice.c.number))
    if first is None or last is None:
        return None
    return Numbers(first, last, connection.scalar(newest.offset(READING_OF)) is None)


def reading(connection: Connection, span: Numbers) -> Reading:
    """Whether what was opened was read."""
    each = _each_notice(span).subquery()
    alone = func.sum(case((each.c.seen == 0, 1), else_=0))
    sums = connection.execute(select(func.sum(each.c.people), func.sum(each.c.read), alone)).one()
    entries, read, unread = (int(one or 0) for one in sums)
    return Reading(entries, read, _median(connection, span, min(read, MEDIAN_OF)), unread)


def never_read(connection: Connection, span: Numbers, limit: int) -> list[dict[str, Any]]:
    """Notices that are in inboxes and that nobody has read or put away: the most severe first, then the newest."""
    each = _each_notice(span).subquery()
    alone = select(each).where(each.c.seen == 0).subquery()
    rank = case({name: place for place, name in enumerate(SEVERITIES)}, value=notice.c.severity)
    columns = (notice.c[name] for name in ("id", "alert", "severity", "title", "status", "created_at"))
    found = select(*columns, alone.c.people.label("recipients")).join(alone, alone.c.notice == notice.c.number)
    rows = connection.execute(found.order_by(rank.desc(), notice.c.number.desc()).limit(limit))
    return [dict(row._mapping) for row in rows]


def read_by_alert(
    connection: Connection, window: Window, span: Numbers, alerts: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Alert → entries, and how many of them were read."""
    each = _each_notice(span).subquery()
    counted = (
        select(notice.c.alert, func.sum(each.c.people), func.sum(each.c.read))
        .join(each, each.c.notice == notice.c.number)
        .where(window.holds(notice.c.created_at), notice.c.alert.in_(alerts))
        .group_by(notice.c.alert)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(counted)}


def decided(connection: Connection, window: Window) -> list[tuple[str, str, int]]:
    """(verdict, reason, count) of what the forwarder decided."""
    counted = select(decision.c.verdict, decision.c.reason, func.count()).where(window.holds(decision.c.at))
    rows = connection.execute(counted.group_by(decision.c.verdict, decision.c.reason))
    return [(row[0], row[1], row[2]) for row in rows]


def _each_notice(span: Numbers) -> Select[Any]:
    """In how many inboxes a notice is, how many of them read it, and whether anybody has read it or put it away."""
    read, archived = func.count(entry.c.read_at), func.count(entry.c.archived_at)
    counted = select(entry.c.notice, func.count().label("people"), read.label("read"), (read + archived).label("seen"))
    return counted.where(span.holds(entry.c.notice)).group_by(entry.c.notice)


def _median(connection: Connection, span: Numbers, count: int) -> timedelta | None:
    if not count:
        return None
    waited = (type_coerce(entry.c.read_at, BigInteger) - type_coerce(entry.c.created_at, BigInteger)).label("waited")
    newest = select(waited).where(span.holds(entry.c.notice), entry.c.read_at.is_not(None))
    some = newest.order_by(entry.c.notice.desc()).limit(MEDIAN_OF).subquery()
    middle = select(some.c.waited).order_by(some.c.waited).limit(1).offset((count - 1) // 2)
    found = connection.scalar(middle)
    return None if found is None else found * _MICROSECOND
