"""SQL of notices as operators see them: pages, one notice, and everything that happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from notice_center.filters import NoticeFilter
from notice_center.fold import NoticeState
from notice_center.inbox import Entry
from notice_center.paging import WINDOW, cut, span
from notice_center.tables import decision, emission, entry, notice, outcome, step

#: Of a condition that repeats every minute the trail shows the latest lines; `count` tells how many there were.
TRAIL_EMISSIONS = 200


@dataclass(frozen=True)
class Trail:
    """All rows about one notice, oldest first."""

    notice: NoticeState
    emissions: list[dict[str, Any]]
    entries: list[Entry]
    steps: list[dict[str, Any]]
    decisions: list[dict[str, Any]]


def page(
    connection: Connection, chosen: NoticeFilter, before: int | None, limit: int
) -> tuple[Sequence[NoticeState], int | None]:
    """Up to `limit` notices of those that a request looks at, newest first, and the cursor of the next page."""
    numbers = span(connection, chosen, before)
    between = and_(notice.c.number >= numbers.low, notice.c.number < numbers.high)
    floor = None
    if chosen.picky:
        seen = select(notice.c.number).where(between).order_by(notice.c.number.desc())
        floor = connection.execute(seen.offset(WINDOW - 1).limit(1)).scalar()
    found = select(notice).where(between, notice.c.number >= (floor or 0), chosen.where())
    rows = connection.execute(found.order_by(notice.c.number.desc()).limit(limit + 1))
    return cut([NoticeState(**row._mapping) for row in rows], limit, lambda state: state.number, floor)


def find(connection: Connection, named: str) -> NoticeState | None:
    """The notice of this id, or the one that the emission of this id went into."""
    emitted = select(outcome.c.notice).join(emission, emission.c.seq == outcome.c.seq).where(emission.c.id == named)
    for one in (notice.c.id == named, notice.c.number.in_(emitted)):  # joined by OR, PostgreSQL reads the whole table
        row = connection.execute(select(notice).where(one)).one_or_none()
        if row is not None:
            return NoticeState(**row._mapping)
    return None


def trail(connection: Connection, named: str) -> Trail | None:
    """Everything that is stored about a notice; None when there is no such notice."""
    state = find(connection, named)
    if state is None:
        return None
    lines = (
        select(emission, outcome.c.effect)
        .join(outcome, outcome.c.seq == emission.c.seq)
        .where(outcome.c.notice == state.number)
        .order_by(emission.c.seq.desc())
        .limit(TRAIL_EMISSIONS)
    )
    of_step = select(step).where(step.c.notice == state.number).order_by(step.c.id)
    of_decision = select(decision).where(decision.c.notice == state.number).order_by(decision.c.id)
    of_entry = select(entry).where(entry.c.notice == state.number).order_by(entry.c.recipient)
    return Trail(
        state,
        [dict(row._mapping) for row in connection.execute(lines)][::-1],
        [Entry(**row._mapping) for row in connection.execute(of_entry)],
        [dict(row._mapping) for row in connection.execute(of_step)],
        [dict(row._mapping) for row in connection.execute(of_decision)],
    )


def trail_of(connection: Connection, named: str, recipient: str) -> Trail | None:
    """The same; None when this recipient does not have the notice, whoever else may."""
    found = trail(connection, named)
    return found if found and any(one.recipient == recipient for one in found.entries) else None
