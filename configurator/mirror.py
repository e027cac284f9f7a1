"""The notifier tells of our tokens, configs and recipients what is true here.

When one of the two databases was put back from a backup, it is not: a token that was revoked since then works again,
or one that nobody here knows, and so cannot revoke. Each time the whole state of a topic is heard, at the start and
after a resync, what is too much is ended and what is missing is told again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy import Connection

from configurator import announce, changes, jwts, kinds, store, tables
from notifier.frames import Change, Snapshot
from service_kit import outbox as events
from service_kit.database import Database
from service_kit.outbox import Outbox
from service_kit.problems import Unavailable
from wire.times import utc_now

log = structlog.get_logger()

TOPICS = ("token", *(kind.name for kind in kinds.KINDS if kind.told))


class Notifier(Protocol):
    """What is needed of the notifier's client."""

    def follow(self, topic: str) -> AsyncIterator[Snapshot | Change]: ...


async def keep_true(topic: str, notifier: Notifier, database: Database, outbox: Outbox) -> None:
    """For ever; cancel to stop."""
    async for heard in notifier.follow(topic):
        if isinstance(heard, Snapshot):
            try:
                await database.write(correct, topic, heard.items.keys(), utc_now())
            except Unavailable as error:
                log.warning("what the notifier tells could not be looked at", topic=topic, error=error.detail)
            outbox.wake()


def correct(connection: Connection, topic: str, told: Collection[str], now: datetime) -> int:
    """Put into the outbox what makes `told`, the keys of a topic, those that there are; how many had to end."""
    known = _known(connection, topic)
    strays = sorted(set(told) - known)
    if strays:
        log.warning("the notifier told of what is not there any more", topic=topic, keys=len(strays))
        events.put(connection, tables.outbox, [announce.never_was(topic, key, now) for key in strays])
    if known - set(told):
        changes.tell_all(connection)
    return len(strays)


def _known(connection: Connection, topic: str) -> set[str]:
    if topic == "token":
        shut = {announce.jwts_revoked(*one).key for one in jwts.revoked(connection)}
        return shut | {token.hash for token in store.all_tokens(connection)}
    table = next(kind.table for kind in kinds.KINDS if kind.name == topic)
    return store.ids(connection, table)
