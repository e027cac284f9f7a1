"""SQL of the channels' health: what waits, since when, and how the latest attempts ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from msg_sender.tables import attempts, messages

_WAITING = ("pending", "sending", "dead")
_FAILED = ("failed", "lost")


@dataclass(frozen=True)
class Health:
    """One channel. `sent` and `failed` are attempts that ended since the time that was asked for."""

    pending: int = 0
    sending: int = 0
    dead: int = 0
    oldest: datetime | None = None
    sent: int = 0
    failed: int = 0
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_error: str | None = None
    last_error_codes: str | None = None


@dataclass(frozen=True)
class Due:
    """Messages of a channel that should be on the wire now, and since when the first of them should."""

    channel: str
    count: int
    oldest: datetime


def health(connection: Connection, channel: str, since: datetime) -> Health:
    """Reads the indexes alone, but for what waits or is dead."""
    waiting = (
        select(messages.c.status, func.count(), func.min(messages.c.since))
        .where(messages.c.channel == channel, messages.c.status.in_(_WAITING))
        .group_by(messages.c.status)
    )
    found = {status: (count, oldest) for status, count, oldest in connection.execute(waiting)}
    recent = (
        select(attempts.c.outcome, func.count())
        .where(attempts.c.channel == channel, attempts.c.outcome.in_(("sent", *_FAILED)))
        .where(attempts.c.finished_at >= since)
        .group_by(attempts.c.outcome)
    )
    ended = {row[0]: row[1] for row in connection.execute(recent)}
    failure = _last_failure(connection, channel)
    return Health(
        **{status: found[status][0] for status in found},
        oldest=min((found[status][1] for status in ("pending", "sending") if status in found), default=None),
        sent=ended.get("sent", 0),
        failed=sum(ended.get(outcome, 0) for outcome in _FAILED),
        last_success_at=_last(connection, channel, "sent"),
        last_failure_at=failure[0],
        last_error=failure[1],
        last_error_codes=failure[2],
    )


def due(connection: Connection, now: datetime) -> list[Due]:
    """What waits for nothing but a worker."""
    late = (
        select(messages.c.channel, func.count(), func.min(messages.c.due_at))
        .where(messages.c.due_at <= now)
        .group_by(messages.c.channel)
    )
    return [Due(channel, count, oldest) for channel, count, oldest in connection.execute(late)]


def _last(connection: Connection, channel: str, outcome: str) -> datetime | None:
    mine = (attempts.c.channel == channel) & (attempts.c.outcome == outcome)
    at: datetime | None = connection.scalar(select(func.max(attempts.c.finished_at)).where(mine))
    return at


def _last_failure(connection: Connection, channel: str) -> tuple[datetime | None, str | None, str | None]:
    found: list[Any] = []
    for outcome in _FAILED:
        mine = (attempts.c.channel == channel) & (attempts.c.outcome == outcome)
        latest = select(attempts.c.finished_at, attempts.c.error, attempts.c.error_codes).where(mine)
        found += connection.execute(latest.order_by(attempts.c.finished_at.desc()).limit(1)).all()
    latest_row = max(found, key=lambda row: row[0], default=None)
    return (None, None, None) if latest_row is None else (latest_row[0], latest_row[1], latest_row[2])
