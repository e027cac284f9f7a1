"""Retention: notices that are over and old are deleted, with all that belongs to them; so are old lines that only
repeated what was known.

Never what somebody has not read yet, what is still firing under a key, or what has a step to go. It goes through the
old ones in short stretches and writes only where it found something, so that nobody waits for it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, delete, exists, select

from notice_center import act_store, emissions
from notice_center.inbox import TOPIC
from notice_center.tables import emission, entry, notice, outbox, outcome, step
from service_kit import outbox as outbox_rows
from service_kit.database import Database
from wire.event import Event
from wire.ids import new_id

log = structlog.get_logger()

#: Lines of one stretch, and so the most that one transaction deletes.
_STRETCH = 200
_EVERY_SECONDS = 3600.0
#: Lines that count nowhere but in `count`: a condition that is said every minute for years would leave millions.
_FLEETING = ("repeated", "unopened", "set_aside")
#: Bound values of one statement.
_AT_ONCE = 500


@dataclass(frozen=True)
class Old:
    """What may go: the numbers of notices, and of lines that are no part of these."""

    notices: list[int]
    lines: list[int]


async def run(database: Database, keep: timedelta) -> None:
    """Delete what is over for longer than `keep`, every hour, for ever."""
    while True:
        try:
            now = await database.now()
            count = await forget_old(database, now - keep)
            if count:
                log.info("old notices are deleted", count=count)
            while await database.write(act_store.forget_some, now - act_store.KEPT):
                pass
        except Exception as error:
            log.warning("retention failed; it is tried again later", error=str(error))
        await asyncio.sleep(_EVERY_SECONDS)


async def forget_old(database: Database, before: datetime) -> int:
    """Delete the notices that were last touched before that time and are over; returns how many."""
    end = await database.read(emissions.first_since, before)
    after, count = 0, 0
    while (upto := await database.read(_end_of_stretch, after, end)) is not None:
        found = await database.read(old, before, after, upto)
        if found.notices or found.lines:
            count += await database.write(_delete_old, before, after, upto)
        after = upto
    return count


def old(connection: Connection, before: datetime, after: int, upto: int) -> Old:
    """What may go of the lines with `after < seq <= upto`, all of which came before that time."""
    of_notice = entry.c.notice == notice.c.number
    unread = exists().where(of_notice, entry.c.read_at.is_(None), entry.c.archived_at.is_(None))
    pending = exists().where(step.c.notice == notice.c.number, step.c.state == "pending")
    is_over = notice.c.key.is_(None) | (notice.c.status == "resolved")
    within = (notice.c.number > after) & (notice.c.number <= upto)
    numbers = select(notice.c.number).where(within, notice.c.updated_at < before, is_over, ~unread, ~pending)
    fleeting = select(outcome.c.seq).where(
        outcome.c.seq > after, outcome.c.seq <= upto, outcome.c.effect.in_(_FLEETING)
    )
    return Old(list(connection.scalars(numbers)), list(connection.scalars(fleeting)))


def _end_of_stretch(connection: Connection, after: int, end: int) -> int | None:
    """The number of the last line of the next stretch; None when there is none before `end`."""
    some = select(outcome.c.seq).where(outcome.c.seq > after, outcome.c.seq < end).order_by(outcome.c.seq)
    return max(connection.scalars(some.limit(_STRETCH)), default=None)


def _delete_old(connection: Connection, before: datetime, after: int, upto: int) -> int:
    found = old(connection, before, after, upto)  # anew: somebody may have marked one as unread
    _tell(connection, found.notices)
    of_notices = select(outcome.c.seq).where(outcome.c.notice.in_(found.notices))
    _delete_lines(connection, {*found.lines, *connection.scalars(of_notices)})
    connection.execute(delete(notice).where(notice.c.number.in_(found.notices)))
    return len(found.notices)


def _tell(connection: Connection, numbers: list[int]) -> None:
    gone = select(entry.c.recipient, notice.c.id).join(notice, notice.c.number == entry.c.notice)
    keys = [f"{row.recipient}/{row.id}" for row in connection.execute(gone.where(entry.c.notice.in_(numbers)))]
    events = [Event(id=new_id(), topic=TOPIC, key=key, action="deleted") for key in keys]
    outbox_rows.put(connection, outbox, events)


def _delete_lines(connection: Connection, numbers: set[int]) -> None:
    """The newest line stays: numbers go on from it."""
    seqs = sorted(numbers - {emissions.last_folded(connection)})
    for start in range(0, len(seqs), _AT_ONCE):
        some = seqs[start : start + _AT_ONCE]
        connection.execute(delete(emission).where(emission.c.seq.in_(some)))
        connection.execute(delete(outcome).where(outcome.c.seq.in_(some)))
