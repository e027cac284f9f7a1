"""Retention: notices that are over and old are deleted, with all that belongs to them.

Never what somebody has not read yet, what is still firing under a key, or what has a step to go.
"""

from __future__ import annotations

import asyncio
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

#: One transaction's worth; between them others get their turn.
_CHUNK = 200
_EVERY_SECONDS = 3600.0


async def run(database: Database, keep: timedelta) -> None:
    """Delete what is over for longer than `keep`, every hour, for ever."""
    while True:
        try:
            before = await database.now() - keep
            while await database.write(delete_some, before):
                log.info("old notices were deleted")
            await database.write(act_store.forget, await database.now() - act_store.KEPT)
        except Exception as error:
            log.warning("retention failed; it is tried again later", error=str(error))
        await asyncio.sleep(_EVERY_SECONDS)


def delete_some(connection: Connection, before: datetime) -> int:
    """Delete some notices that were last touched before that time, oldest first; returns how many. 0: all are done."""
    of_notice = entry.c.notice == notice.c.number
    unread = exists().where(of_notice, entry.c.read_at.is_(None), entry.c.archived_at.is_(None))
    pending = exists().where(step.c.notice == notice.c.number, step.c.state == "pending")
    is_over = notice.c.key.is_(None) | (notice.c.status == "resolved")
    old = select(notice.c.number).where(notice.c.updated_at < before, is_over, ~unread, ~pending)
    numbers = list(connection.execute(old.order_by(notice.c.number).limit(_CHUNK)).scalars())
    if numbers:
        _delete(connection, numbers)
    return len(numbers)


def _delete(connection: Connection, numbers: list[int]) -> None:
    gone = select(entry.c.recipient, notice.c.id).join(notice, notice.c.number == entry.c.notice)
    keys = [f"{row.recipient}/{row.id}" for row in connection.execute(gone.where(entry.c.notice.in_(numbers)))]
    events = [Event(id=new_id(), topic=TOPIC, key=key, action="deleted") for key in keys]
    outbox_rows.put(connection, outbox, events)
    last = emissions.last_folded(connection)  # the newest stays: numbers go on from it
    seqs = list(connection.execute(select(outcome.c.seq).where(outcome.c.notice.in_(numbers))).scalars())
    for start in range(0, len(seqs), 500):
        some = [seq for seq in seqs[start : start + 500] if seq != last]
        connection.execute(delete(emission).where(emission.c.seq.in_(some)))
        connection.execute(delete(outcome).where(outcome.c.seq.in_(some)))
    connection.execute(delete(notice).where(notice.c.number.in_(numbers)))
