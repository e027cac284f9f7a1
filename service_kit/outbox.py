"""The outbox: events written in the same transaction as the change they tell of, published after the commit.

A crash between the two publishes again from the table; the notifier knows the ids and takes each once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from sqlalchemy import BigInteger, Column, Connection, Integer, MetaData, Table, Text, any_, cast, delete, select
from sqlalchemy.dialects.postgresql import ARRAY

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

#: Takes events as JSON texts. Returns when all are durable; raises NeverTaken when all others are, else anything.
Publish = Callable[[Sequence[bytes]], Awaitable[None]]


class NeverTaken(Exception):
    """Some events will never be taken, whoever tries how often; the others were. `reasons` by index."""

    def __init__(self, reasons: Mapping[int, str]) -> None:
        super().__init__("; ".join(f"event {index}: {reason}" for index, reason in reasons.items())[:1000])
        self.reasons = reasons


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


def oldest(connection: Connection, table: Table) -> list[tuple[int, bytes]]:
    """The next events to publish, in the order they were written: (number, JSON). One at least, however big it is."""
    found, size = list[tuple[int, bytes]](), 0
    rows = select(table.c.number, table.c.event).order_by(table.c.number).limit(_BATCH)
    with connection.execute(rows, execution_options=_STREAMED) as result:
        for number, text in result:
            event = text.encode()
            size += len(event)
            if found and size > _BATCH_BYTES:
                break
            found.append((number, event))
    return found


#: Of big events only those that fit are fetched.
_STREAMED = {"stream_results": True, "max_row_buffer": 64}


def drop(connection: Connection, table: Table, numbers: Sequence[int]) -> None:
    """Forget what was published: `numbers` as `oldest` found them."""
    number = table.c.number
    if connection.dialect.name == "sqlite":  # with one writer, nothing ever comes between two that were there
        connection.execute(delete(table).where(number.between(numbers[0], numbers[-1])))
    else:
        connection.execute(delete(table).where(number == any_(cast(list(numbers), ARRAY(BigInteger)))))


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
        try:
            await self._publish([event for _, event in rows])
        except NeverTaken as refused:  # it would hold up all that come after it, for ever
            for index, reason in refused.reasons.items():
                log.error("an event is never taken and is dropped", event_=_beginning(rows[index][1]), reason=reason)
        faultpoint("outbox.published")
        await self._database.write(drop, self._table, [number for number, _ in rows])
        return len(rows)

    async def _wait(self) -> None:
        # Not wait_for: up to Python 3.11 it loses a cancellation that meets the hint.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await self._hint.wait()


def _beginning(event: bytes) -> str:
    return event[:200].decode(errors="replace")
