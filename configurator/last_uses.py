"""When tokens were last used: each service says what it saw on the topic `token_use`, and the answer is kept here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from configurator import store
from notifier.frames import Change, Snapshot
from service_kit.database import Database
from service_kit.problems import Unavailable

log = structlog.get_logger()


class Notifier(Protocol):
    """What is needed of the notifier's client."""

    def follow(self, topic: str) -> AsyncIterator[Snapshot | Change]: ...


async def keep_last_uses(notifier: Notifier, database: Database) -> None:
    """For ever; cancel to stop. After a restart the notifier tells the latest of each token again."""
    async for heard in notifier.follow("token_use"):
        said = heard.items if isinstance(heard, Snapshot) else {heard.key: heard.data or {}}
        try:
            await database.write(_note, said)
        except Unavailable as error:
            log.warning("last uses of tokens could not be kept", error=error.detail)


def _note(connection: Connection, said: Mapping[str, Mapping[str, Any]]) -> None:
    for id, data in said.items():
        if "at" in data:
            store.note_use(connection, id, datetime.fromisoformat(data["at"]))
