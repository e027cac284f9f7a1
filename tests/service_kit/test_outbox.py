"""The outbox: events leave after the commit, in order, until they are taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from service_kit import outbox
from service_kit.database import Database, open_database
from service_kit.outbox import NeverTaken, Outbox
from service_kit.tasks import Tasks
from tests.conftest import eventually
from wire.event import Event

METADATA = MetaData()
TABLE = outbox.outbox_table(METADATA)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "env.py").write_text(
        "from service_kit.migrations import run\nfrom sqlalchemy import MetaData\nrun(MetaData())\n"
    )
    (versions / "0001_outbox.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '0001', None\n"
        "def upgrade():\n    op.create_table('outbox', sa.Column('number', sa.BigInteger()"
        ".with_variant(sa.Integer, 'sqlite'), primary_key=True), sa.Column('event', sa.Text, nullable=False))\n"
    )
    opened = open_database(database_url, versions.parent)
    yield opened
    await opened.close()


class Taker:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.batches: list[int] = []
        self.failures = 0

    async def __call__(self, events: Sequence[bytes]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("away")
        self.batches.append(len(events))
        self.events += [Event.model_validate_json(event) for event in events]


def events(count: int, **data: Any) -> list[Event]:
    return [Event(id=str(number), topic="t", key="k", data={"n": number, **data}) for number in range(count)]


async def put(database: Database, items: Sequence[Event]) -> None:
    await database.write(lambda connection: outbox.put(connection, TABLE, items))


async def left(database: Database) -> int:
    return len(await database.read(lambda connection: connection.execute(select(TABLE)).all()))


async def test_events_leave_in_order_and_are_crossed_off(database: Database) -> None:
    taker, tasks = Taker(), Tasks()
    await put(database, events(1_200, none=None))
    tasks.start("outbox", Outbox(database, TABLE, taker).run())
    await eventually(lambda: len(taker.events) == 1_200)
    await tasks.close()
    assert taker.events == events(1_200, none=None)
    assert max(taker.batches) <= 500


async def test_a_transaction_that_fails_leaves_no_event(database: Database) -> None:
    def fails(connection: Any) -> None:
        outbox.put(connection, TABLE, events(1))
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(fails)
    assert await Outbox(database, TABLE, Taker()).publish_once() == 0


async def test_what_is_not_taken_stays_and_is_offered_again(database: Database) -> None:
    taker, tasks = Taker(), Tasks()
    taker.failures = 3
    await put(database, events(2))
    box = Outbox(database, TABLE, taker)
    with pytest.raises(OSError, match="away"):
        await box.publish_once()
    assert await left(database) == 2
    tasks.start("outbox", box.run())
    await eventually(lambda: len(taker.events) == 2)
    assert not tasks.failed.is_set()
    await tasks.close()


async def test_a_batch_has_a_size_in_bytes_and_one_big_event_still_leaves(database: Database) -> None:
    taker = Taker()
    await put(database, events(9, text="x" * 1_000_000))
    await put(database, events(1, text="x" * 5_000_000))
    box = Outbox(database, TABLE, taker)
    while await box.publish_once():
        pass
    assert taker.batches == [4, 4, 1, 1]


async def test_flushing_waits_until_what_stands_there_is_published(database: Database) -> None:
    taker, tasks = Taker(), Tasks()
    box = Outbox(database, TABLE, taker)
    tasks.start("outbox", box.run())
    for number in range(20):
        await put(database, events(1))
        assert await box.flushed(5)
        assert len(taker.events) == number + 1
    taker.failures = 1_000
    await put(database, events(1))
    assert not await box.flushed(0.05)
    await tasks.close()


async def test_stopping_meets_a_hint_and_still_stops(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11's wait_for loses a cancellation that comes in the same turn as what it waits for."""
    monkeypatch.setattr("service_kit.tasks._AGAIN_SECONDS", 60)  # one must do
    for _ in range(20):
        tasks = Tasks()
        box = Outbox(database, TABLE, Taker())
        running = tasks.start("outbox", box.run())
        await asyncio.sleep(0.01)
        box.wake()
        async with asyncio.timeout(30):
            await tasks.close()
        assert running.cancelled()


async def test_what_is_never_taken_holds_up_nothing(database: Database) -> None:
    async def take(some: Sequence[bytes]) -> None:
        if bad := {index: "no" for index, event in enumerate(some) if b'"n":3' in event}:
            raise NeverTaken(bad)

    await put(database, events(9))
    box = Outbox(database, TABLE, take)
    assert await box.publish_once() == 9
    assert (await box.publish_once(), await left(database)) == (0, 0)


async def test_bytes_are_counted_not_characters(database: Database) -> None:
    taker = Taker()
    await put(database, events(8, text="ж" * 1_000_000))
    box = Outbox(database, TABLE, taker)
    while await box.publish_once():
        pass
    assert taker.batches == [2, 2, 2, 2]
