"""The outbox: events written in the same transaction as the change they tell of, published after the commit.

A crash between the two publishes again from the table; the notifier knows the ids and takes each once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from itertools import accumulate

import structlog
from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, delete, select

from service_kit.bulk import insert_rows
from service_kit.database import Database
from service_kit.faults import faultpoint
from wire.event import Event

log = structlog.get_logger()

#: Events handed over in one request, and their bytes: a request has a limit where it arrives.
_BATCH = 500
_BATCH_BYTES = 4 * 1024 * 1024
#: Somebody may have written without waking us (another process, a crash): look again this often.
_POLL_SECONDS = 5.0
_RETRY_SECONDS = (0.1, 0.3, 1.0, 3.0)

Publish = Callable[[Sequence[Event]], Awaitable[None]]


def outbox_table(metadata: MetaData) -> Table:
    """The table `outbox`; the service creates it in its first migration."""
    number = BigInteger().with_variant(Integer, "sqlite")
    return Table(
        "outbox",
        metadata,
        Column("number", number, primary_key=True, autoincrement=True),
        Column("event", Text, nullable=False),
    )


def put(connection: Connection, table: Table, events: Sequence[Event]) -> None:
    """Add `events` (each with its id) to the transaction that is open on `connection`."""
    put_texts(connection, table, [event.model_dump_json(exclude_none=True) for event in events])


def put_texts(connection: Connection, table: Table, texts: Sequence[str]) -> None:
    """The same for events that are JSON texts already."""
    insert_rows(connection, table, [(text,) for text in texts])


def oldest(connection: Connection, table: Table) -> list[tuple[int, str]]:
    """The next events to publish, in the order they were written: (number, JSON)."""
    rows = connection.execute(select(table.c.number, table.c.event).order_by(table.c.number).limit(_BATCH)).all()
    sizes = accumulate(len(row.event) for row in rows)
    return [(row.number, row.event) for row, size in zip(rows, sizes, strict=True) if size <= _BATCH_BYTES] or [
        (row.number, row.event) for row in rows[:1]
    ]


def drop(connection: Connection, table: Table, numbers: Sequence[int]) -> None:
    """Forget what was published."""
    connection.execute(delete(table).where(table.c.number.in_(numbers)))


class Outbox:
    """Publishes what stands in the table. `wake` is only a hint; the table is the truth."""

    def __init__(self, database: Database, table: Table, publish: Publish) -> None:
        self._database = database
        self._table = table
        self._publish = publish
        self._hint = asyncio.Event()
        self._waiting: list[asyncio.Event] = []

    def wake(self) -> None:
        """There may be something to publish."""
        self._hint.set()

    async def flushed(self, seconds: float) -> bool:
        """Wait until all that stands in the table now is published, `seconds` at most. Whether it is."""
        done = asyncio.Event()
        self._waiting.append(done)
        self.wake()
        try:
            async with asyncio.timeout(seconds):
                await done.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting = [event for event in self._waiting if event is not done]
        return True

    async def run(self) -> None:
        """Publish for ever; cancel to stop."""
        failures = 0
        while True:
            self._hint.clear()  # before looking: a hint during the look must not be lost
            waiting = tuple(self._waiting)
            try:
                found = await self.publish_once()
                failures = 0
            except Exception as error:
                failures += 1
                log.warning("events wait: the notifier does not take them", error=str(error), failures=failures)
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS)) - 1])
                continue
            if not found:
                for done in waiting:
                    done.set()
                await self._wait()

    async def publish_once(self) -> int:
        """Publish one batch; returns how many events it held."""
        rows = await self._database.read(oldest, self._table)
        if not rows:
            return 0
        events = [Event.model_validate_json(text) for _, text in rows]
        await self._publish(events)
        faultpoint("outbox.published")
        await self._database.write(drop, self._table, [number for number, _ in rows])
        return len(rows)

    async def _wait(self) -> None:
        # Not wait_for: up to Python 3.11 it loses a cancellation that meets the hint.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await self._hint.wait()
