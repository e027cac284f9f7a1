"""After a backup was put back, here or there, what the notifier tells is what is stored here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from unittest.mock import AsyncMock

import pytest

from configurator import mirror, tables
from configurator.app import MIGRATIONS
from configurator.drafts import TokenRequest
from configurator.mirror import keep_true
from configurator.tokens import create_token
from notifier.frames import Change, Snapshot
from service_kit.database import Database, open_database
from service_kit.outbox import Outbox, oldest
from tests.configurator.conftest import RecordingNotifier, configurator
from tests.conftest import eventually
from wire.event import Event

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url, MIGRATIONS)
    yield opened
    await opened.close()


async def waiting(database: Database) -> list[tuple[str, str, str]]:
    """(topic, key, action) of what stands in the outbox."""
    events = [Event.model_validate_json(raw) for _, raw in await database.read(oldest, tables.outbox)]
    return [(event.topic, event.key, event.action) for event in events]


async def test_a_token_that_nobody_here_knows_is_ended(database: Database) -> None:
    made = await create_token(database, TokenRequest(scopes=("admin",)), NOW)
    told = {made.row.hash, "0" * 64, "jwts/ann"}
    assert await database.write(mirror.correct, "token", told, NOW) == 2
    assert set(await waiting(database)) == {
        ("token", made.row.hash, "created"), ("token", "0" * 64, "deleted"), ("token", "jwts/ann", "deleted"),
    }  # fmt: skip


async def test_what_is_told_right_needs_nothing(database: Database) -> None:
    for topic in mirror.TOPICS:
        assert await database.write(mirror.correct, topic, set(), NOW) == 0
    assert await waiting(database) == []


async def test_it_is_looked_at_whenever_all_is_told_and_only_then(database: Database) -> None:
    class Telling:
        async def follow(self, topic: str) -> AsyncIterator[Snapshot | Change]:
            yield Snapshot(topic, {"old": {}}, "e:1")
            yield Change(topic, "new", "updated", {}, "e:2")
            yield Snapshot(topic, {"older": {}}, "f:1")

    await keep_true("recipient", Telling(), database, Outbox(database, tables.outbox, AsyncMock()))
    assert await waiting(database) == [("recipient", "old", "deleted"), ("recipient", "older", "deleted")]


async def test_what_the_notifier_lost_is_told_again(postgres_url: str) -> None:
    notifier = RecordingNotifier()
    async with configurator(postgres_url, notifier) as client:
        await client.post("/api/v1/recipients", json={"id": "ann"})
        await client.post("/api/v1/configs", json={"id": "c1", "name": "disk"})
        await eventually(lambda: notifier.state("config") and notifier.state("recipient"))
        notifier.events.clear()
        database = open_database(postgres_url, MIGRATIONS)
        await database.write(mirror.correct, "config", set(), NOW)
        await database.close()
        await client.post("/api/v1/recipients", json={"id": "bob"})
        await eventually(lambda: {"ann", "bob"} == set(notifier.state("recipient")))
        assert set(notifier.state("config")) == {"c1"}
