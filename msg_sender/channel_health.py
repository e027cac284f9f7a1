"""How each channel fares, as operators see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from msg_sender import health_store
from msg_sender.desk import Desk
from msg_sender.health_store import Health
from msg_sender.reason import Reason, codes_of
from service_kit.database import Database
from service_kit.openapi import Coded
from wire.times import Timestamp

#: What "recent" is.
RECENT = timedelta(days=1)


class Recent(BaseModel):
    """Attempts that ended since `since`. `success_rate` is 0 to 1; null when there were none."""

    model_config = ConfigDict(frozen=True)

    since: Timestamp
    sent: int
    failed: int
    success_rate: float | None


class ChannelView(BaseModel):
    """`reason` says what to set while it is not `configured`. `oldest_waiting_at`: since when the first one waits.

    `reason_codes` and `last_error_codes` say the same to a program.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    configured: bool
    reason: str | None
    reason_codes: list[Coded] | None
    pending: int
    sending: int
    dead: int
    oldest_waiting_at: Timestamp | None
    last_success_at: Timestamp | None
    last_failure_at: Timestamp | None
    last_error: str | None
    last_error_codes: list[Coded] | None
    recent: Recent


class Channels(BaseModel):
    """All channels, as of `as_of`."""

    model_config = ConfigDict(frozen=True)

    items: list[ChannelView]
    as_of: Timestamp


async def channels_health(database: Database, desk: Desk) -> Channels:
    """Every channel that there is, configured or not."""
    now = await database.now()
    why_not = desk.why_not()
    found = {name: await database.read(health_store.health, name, now - RECENT) for name in why_not}
    return Channels(items=[_view(name, why_not[name], one, now) for name, one in found.items()], as_of=now)


def _view(name: str, reason: Reason | None, health: Health, now: datetime) -> ChannelView:
    ended = health.sent + health.failed
    recent = Recent(
        since=now - RECENT, sent=health.sent, failed=health.failed,
        success_rate=round(health.sent / ended, 4) if ended else None,
    )  # fmt: skip
    return ChannelView(
        name=name, configured=reason is None, reason=reason and reason.text,
        reason_codes=reason and list(reason.codes), pending=health.pending, sending=health.sending,
        dead=health.dead, oldest_waiting_at=health.oldest, last_success_at=health.last_success_at,
        last_failure_at=health.last_failure_at, last_error=health.last_error,
        last_error_codes=codes_of(health.last_error_codes), recent=recent,
    )  # fmt: skip
