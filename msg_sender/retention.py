"""Retention: what was finished long ago is forgotten, in small batches, so that no other write waits for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from msg_sender import store
from service_kit.database import Database
from service_kit.problems import Unavailable

log = structlog.get_logger()

#: Messages of one transaction: some ten milliseconds.
BATCH = 500
_LOOK_SECONDS = 3600.0


async def keep_forgetting(database: Database, keep: timedelta) -> None:
    """Forget now and every hour what was finished more than `keep` ago. For ever; cancel to stop."""
    while True:
        try:
            count = await forget_old(database, keep)
            if count:
                log.info("old messages are forgotten", count=count)
        except Unavailable as error:
            log.warning("old messages stay: the storage does not answer", error=str(error))
        await asyncio.sleep(_LOOK_SECONDS)


async def forget_old(database: Database, keep: timedelta) -> int:
    """How many messages were forgotten. What is still to be sent stays, however old it is. Raises Unavailable."""
    before = await database.now() - keep
    count = 0
    while found := await database.write(store.forget, before, BATCH):
        count += found
    return count
