"""What waits in the notice center: emissions to be folded, steps that are due, events to be published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from notice_center import emissions
from notice_center.tables import emission, outbox, step
from service_kit.system import Queue, outbox_queue


def queues(connection: Connection, now: datetime) -> list[Queue]:
    """Steps that are not due yet wait for nobody, and are not counted."""
    return [_fold(connection), _steps(connection, now), outbox_queue(connection, outbox)]


def _fold(connection: Connection) -> Queue:
    folded = emissions.last_folded(connection)
    oldest = select(emission.c.received_at).where(emission.c.seq > folded).order_by(emission.c.seq).limit(1)
    waiting = max(0, emissions.last_accepted(connection) - folded)
    return Queue(name="fold", waiting=waiting, oldest_at=connection.scalar(oldest))


def _steps(connection: Connection, now: datetime) -> Queue:
    due = select(func.count(), func.min(step.c.wake_at)).where(step.c.state == "pending", step.c.wake_at <= now)
    waiting, oldest = connection.execute(due).one()
    return Queue(name="steps", waiting=waiting, oldest_at=oldest)
