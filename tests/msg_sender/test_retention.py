"""What was finished long ago is forgotten, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from msg_sender import message_store, store
from msg_sender.app import MIGRATIONS
from msg_sender.reason import because
from msg_sender.retention import forget_old
from msg_sender.store import Outcome
from msg_sender.tables import attempts, messages
from service_kit.database import Database, open_database
from wire.message import Message

OLD = datetime(2020, 1, 1, tzinfo=UTC)
KEEP = timedelta(days=90)
LEASE = timedelta(seconds=30)
OUTCOMES = {
    "sent": Outcome(True, "sent", None, 0),
    "dead": Outcome(False, "dead", None, 0, reason=because("no", code="no")),
    "waits": Outcome(False, "pending", OLD + timedelta(days=3650), 0, reason=because("later", code="later")),
}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url, MIGRATIONS)
    yield opened
    await opened.close()


async def tried(database: Database, at: datetime, prefix: str) -> None:
    """One message for each outcome, one that is on the wire, one that nobody tried; all accepted at `at`."""
    names = [*OUTCOMES, "sending", "untried"]
    given = [Message.model_validate({"id": prefix + n, "channel": "email", "to": "x", "title": "T"}) for n in names]
    await database.write(store.accept, given, at)
    for held in await database.write(store.claim, "email", 4, at, at + LEASE):
        assert await database.write(store.begin, held, at, at + LEASE)
        outcome = OUTCOMES.get(held.id.removeprefix(prefix))
        if outcome:
            assert await database.write(store.finish, held, outcome, at)
    await database.write(lambda c: c.execute(update(messages).values(channel="out of reach")) and None)


async def left(database: Database) -> set[str]:
    return set(await database.read(lambda c: list(c.scalars(select(messages.c.id)))))


async def test_old_finished_messages_go_with_their_attempts_and_all_else_stays(database: Database) -> None:
    await tried(database, OLD, "old-")
    await tried(database, await database.now(), "new-")
    assert await forget_old(database, KEEP) == 2
    young = {"new-sent", "new-dead", "new-waits", "new-sending", "new-untried"}
    assert await left(database) == {"old-waits", "old-sending", "old-untried"} | young
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(attempts))) == 6


async def test_a_dead_message_that_was_replayed_counts_as_new(database: Database) -> None:
    await tried(database, OLD, "")
    assert await database.write(message_store.replay, "dead", await database.now())
    await forget_old(database, KEEP)
    assert "dead" in await left(database)


async def test_many_go_in_batches(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msg_sender.retention.BATCH", 2)
    for number in range(5):
        await tried(database, OLD, f"{number}-")
    assert await forget_old(database, KEEP) == 10
    assert len(await left(database)) == 15
