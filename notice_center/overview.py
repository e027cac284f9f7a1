"""The overview: what was said over time, by whom, and whether anybody read it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from notice_center import overview_store
from notice_center.overview_store import Numbers, Reading, Said, Window
from service_kit.database import Database
from service_kit.problems import refused, wrong
from wire.durations import Duration
from wire.notice import SEVERITIES, Severity
from wire.times import Timestamp

#: Alerts that have a line of their own; the others share one.
TOP_ALERTS = 8
NEVER_READ = 20
MAX_BUCKETS = 400
LONGEST = timedelta(days=366)
#: Steps that people think in; the first that makes no more than so many buckets is taken.
_STEPS = (60, 300, 900, 3_600, 10_800, 21_600, 86_400, 604_800)
_BUCKETS = 60
_DAY = timedelta(days=1)


class AlertSeries(BaseModel):
    """One alert: how many notices it opened in each bucket, and how much of it was read, as far as that is counted.

    `alert` is null for all that have no line of their own; their `read_rate` is not counted.
    """

    model_config = ConfigDict(frozen=True)

    alert: str | None
    notices: int
    counts: list[int]
    entries: int | None
    read_rate: float | None


class ReadingView(BaseModel):
    """`entries` are copies in inboxes. `median_seconds`: from the inbox to being read.

    `never_read`: notices that nobody has read or put away. When it is not `exact`, all of this, the list of those that
    nobody read, and the rates of single alerts are about the newest 50,000 notices only.
    """

    model_config = ConfigDict(frozen=True)

    entries: int
    read: int
    read_rate: float | None
    median_seconds: float | None
    never_read: int
    exact: bool


class UnreadNotice(BaseModel):
    """It is in `recipients` inboxes, and nobody has read it."""

    model_config = ConfigDict(frozen=True)

    id: str
    alert: str
    severity: Severity
    title: str
    status: str
    created_at: Timestamp
    recipients: int


class DecisionCount(BaseModel):
    """How often it was decided so. `skip` because of `read` or `acknowledged` is a message that nobody needed."""

    model_config = ConfigDict(frozen=True)

    verdict: str
    reason: str
    count: int


class Overview(BaseModel):
    """Buckets begin at `starts`, each `step` long; the lists beside them have one number for each."""

    model_config = ConfigDict(frozen=True)

    since: Timestamp
    until: Timestamp
    step: Duration
    starts: list[Timestamp]
    notices: int
    by_severity: dict[Severity, list[int]]
    by_alert: list[AlertSeries]
    reading: ReadingView
    never_read: list[UnreadNotice]
    decisions: list[DecisionCount]
    skipped_because_read: int


class Overviews:
    """Makes overviews, one at a time: a big one must not take all connections that others read with."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = asyncio.Lock()

    async def make(self, window: Window, step: timedelta) -> Overview:
        async with self._turn:
            return await self._database.read(_make, window, step)


def window_of(since: datetime | None, until: datetime | None, now: datetime) -> Window:
    """The last day, if nothing is said. Raises Invalid."""
    end = until or now
    start = since or end - _DAY
    if start >= end:
        raise refused([wrong("/since", "expected a time before until", code="since-after-until")])
    if end - start > LONGEST:
        said = "expected at most {days} days before until"
        raise refused([wrong("/since", said, code="long-window", days=LONGEST.days)])
    return Window(start, end)


def step_of(step: timedelta | None, window: Window) -> timedelta:
    """One that makes a readable plot, if nothing is said. Raises Invalid."""
    length = window.until - window.since
    if step is None:
        coarse = (timedelta(seconds=one) for one in _STEPS)
        return next((one for one in coarse if length <= one * _BUCKETS), timedelta(seconds=_STEPS[-1]))
    if step <= timedelta(0) or length > step * MAX_BUCKETS:
        said = "expected a step that makes at most {most} buckets"
        raise refused([wrong("/step", said, code="many-buckets", most=MAX_BUCKETS)])
    return step


def _make(connection: Connection, window: Window, step: timedelta) -> Overview:
    """All questions in one snapshot."""
    said = overview_store.said(connection, window, step)
    starts = _starts(window, step)
    span = overview_store.numbers(connection, window)
    reading = overview_store.reading(connection, span) if span else Reading(0, 0, None, 0)
    decided = overview_store.decided(connection, window)
    return Overview(
        since=window.since, until=window.until, step=step, starts=starts, notices=sum(one.count for one in said),
        by_severity={name: _counts([one for one in said if one.severity == name], len(starts)) for name in SEVERITIES},
        by_alert=_by_alert(connection, window, span, said, len(starts)),
        reading=_reading(reading, span is None or span.whole),
        never_read=[
            UnreadNotice.model_validate(row)
            for row in (overview_store.never_read(connection, span, NEVER_READ) if span and reading.unread else ())
        ],
        decisions=[DecisionCount(verdict=row[0], reason=row[1], count=row[2]) for row in sorted(decided)],
        skipped_because_read=sum(row[2] for row in decided if row[:2] in _NEEDLESS),
    )  # fmt: skip


_NEEDLESS = (("skip", "read"), ("skip", "acknowledged"))


def _starts(window: Window, step: timedelta) -> list[datetime]:
    candidates = (window.since + step * number for number in range(MAX_BUCKETS + 1))
    return list(takewhile(lambda at: at < window.until, candidates))


def _counts(said: Sequence[Said], buckets: int) -> list[int]:
    counts = [0] * buckets
    for one in said:
        counts[one.bucket] += one.count
    return counts


def _by_alert(
    connection: Connection, window: Window, span: Numbers | None, said: Sequence[Said], buckets: int
) -> list[AlertSeries]:
    """The noisiest first, the rest last."""
    totals: Counter[str] = Counter()
    for one in said:
        totals[one.alert] += one.count
    top = sorted(totals, key=lambda name: (-totals[name], name))[:TOP_ALERTS]
    read = overview_store.read_by_alert(connection, window, span, top) if span else {}
    series = []
    for name in top:
        counts = _counts([one for one in said if one.alert == name], buckets)
        entries, seen = read.get(name, (0, 0))
        rate = _rate(seen, entries)
        series.append(AlertSeries(alert=name, notices=totals[name], counts=counts, entries=entries, read_rate=rate))
    rest = [one for one in said if one.alert not in top]
    if rest:
        total, counts = sum(one.count for one in rest), _counts(rest, buckets)
        series.append(AlertSeries(alert=None, notices=total, counts=counts, entries=None, read_rate=None))
    return series


def _reading(reading: Reading, exact: bool) -> ReadingView:
    median = reading.median.total_seconds() if reading.median is not None else None
    return ReadingView(
        entries=reading.entries, read=reading.read, read_rate=_rate(reading.read, reading.entries),
        median_seconds=median, never_read=reading.unread, exact=exact,
    )  # fmt: skip


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
