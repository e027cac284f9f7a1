"""Forgetting: past events beyond each topic's window, and inbox entries that nobody touched for long."""

from __future__ import annotations

import asyncio
from datetime import datetime

from notifier import store
from notifier.settings import NotifierSettings
from notifier.topics import INBOX
from service_kit.database import Database
from wire.times import utc_now

#: How often, in seconds.
_EVERY = 30.0
#: Rows of one transaction: intake waits behind it for some milliseconds at most.
_BATCH = 1_000


async def forget_forever(database: Database, settings: NotifierSettings) -> None:
    """The background loop."""
    while True:
        await forget(database, settings, utc_now())
        await asyncio.sleep(_EVERY)


async def forget(database: Database, settings: NotifierSettings, now: datetime) -> None:
    """Forget all that is due at `now`, in small transactions, so that writers get their turns between."""
    for topic in await database.read(store.topics):
        window = settings.topics.get(topic, settings.window)
        what = (topic, window.count, now - window.age, _BATCH)
        while (upto := await database.read(store.beyond_window, *what)) is not None:
            await database.write(store.trim_events, topic, upto)
    while await database.write(store.expire_state, INBOX, now - settings.inbox_age, _BATCH) == _BATCH:
        pass
