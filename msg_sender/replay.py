"""Sending dead messages anew by a filter: first what would happen, then exactly that."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from msg_sender import message_store
from msg_sender.desk import Desk
from msg_sender.filters import Selection
from msg_sender.message_store import Changed
from service_kit.database import Database
from service_kit.problems import Conflict, refused, wrong
from wire.times import Timestamp

#: Messages of one replay: what people can still answer for, and one short transaction.
MAX_REPLAY = 10_000


class ReplayOrder(Selection):
    """Which dead messages. `dry_run` changes nothing and says what would happen; its `as_of` and `count`, given back as
    `as_of` and `expected`, make the replay send exactly those."""

    as_of: Timestamp | None = Field(None, description="what died later stays dead; now, if absent")
    expected: StrictInt | None = Field(None, ge=0, description="409, and nothing is sent, when there are not so many")
    dry_run: StrictBool = Field(False, description="only say what would happen")


class ReplayedChannel(BaseModel):
    """The share of one channel. One that is not configured buries its messages again at once."""

    model_config = ConfigDict(frozen=True)

    name: str
    configured: bool
    count: int


class ReplayPlan(BaseModel):
    """`count` dead messages to `destinations` addresses, as of `as_of`; `replayed` of them are sent anew.

    Of `uncertain` nobody knows whether they arrived: who got them gets them twice.
    """

    model_config = ConfigDict(frozen=True)

    as_of: Timestamp
    count: int
    destinations: int
    uncertain: int
    oldest_accepted_at: Timestamp | None
    channels: list[ReplayedChannel]
    limit: int
    replayed: int


async def replay(database: Database, desk: Desk, order: ReplayOrder) -> ReplayPlan:
    """Raises Conflict when there are not as many as expected, Invalid when there are too many for one replay."""
    now = await database.now()
    as_of = min(order.as_of or now, now)
    found = await database.read(message_store.dead, order, as_of)
    replayed = 0
    if not order.dry_run:
        _require_bounded(found.count)
        expected = found.count if order.expected is None else order.expected
        try:
            replayed = await database.write(message_store.replay_all, order, as_of, expected, now)
        except Changed as changed:
            said = "there are {count} dead messages now, not {expected}: nothing was sent; look again"
            raise Conflict(said, code="other-count", count=changed.count, expected=expected) from None
        desk.wake()
    return ReplayPlan(
        as_of=as_of, count=found.count, destinations=found.destinations, uncertain=found.uncertain,
        oldest_accepted_at=found.oldest, limit=MAX_REPLAY, replayed=replayed,
        channels=[
            ReplayedChannel(name=name, configured=desk.is_configured(name), count=count)
            for name, count in sorted(found.channels.items())
        ],
    )  # fmt: skip


def _require_bounded(count: int) -> None:
    if count > MAX_REPLAY:
        said = "expected a narrower choice: {count} messages, and one replay takes {most}"
        raise refused([wrong("/q", said, code="large-replay", count=count, most=MAX_REPLAY)])
