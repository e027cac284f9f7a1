"""One database of one service: SQLite by default, PostgreSQL at scale. Knows connections and migrations, no table.

SQL is written as plain functions `def due(connection, now) -> list[Due]` in the service's `store.py`, and run here:
`await database.read(store.due, now)`, `await database.write(store.claim, now)`. All writes of a process go through
one thread and one connection, and what waits is committed together (group commit). On SQLite this is also what keeps
the file safe: only one connection ever writes or checkpoints.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from service_kit.engine import CannotOpen, engine_of, lock_file, normalise
from service_kit.migrations import migrate
from service_kit.problems import Unavailable

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")
Job = tuple[Callable[[Connection], Any], asyncio.Future[Any]]

#: Reads run beside the writer; a handful is enough for two or four cores.
READERS = 4
#: One transaction's worth of write jobs.
_MAX_JOBS = 500
#: The writer, and only the writer, moves the WAL into the file, about every 32 MiB: an index page that is written a
#: hundred times between two checkpoints is then moved once.
_CHECKPOINT_PAGES = 8_000
#: The second is what a job meets that talks to the driver itself.
_STORAGE_FAILED = (OperationalError, sqlite3.OperationalError)


class Database:
    """Opened by `open_database`; `close` it at the end. All methods but `close` may be called from the event loop."""

    def __init__(self, engine: Engine, lock: int | None) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._lock = lock
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._writer = threading.Thread(target=self._write_forever, name="db-write", daemon=True)
        self._closed = False
        self._writer.start()

    async def read(self, question: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `question(connection, …)` beside the writer, in a snapshot of its own."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self._read(lambda c: question(c, *args, **kwargs)))

    async def write(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `change(connection, …)` and return its result once it is committed and on disk.

        What raises is rolled back alone, without touching the others of its group. Raises Unavailable when the
        storage failed; then it is unknown whether the change was made, and the caller's retry must be harmless.
        """
        if self._closed:
            raise Unavailable("shutting down", code="shutting-down")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((lambda connection: change(connection, *args, **kwargs), future))
        return await future

    async def now(self) -> datetime:
        """The one clock that leases and due times of this database are compared with."""
        return datetime.now(UTC) if self.is_sqlite else await self.read(database_clock)

    async def close(self) -> None:
        """Finish what is queued, then let go of the file. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)
        self._readers.shutdown()
        self.engine.dispose()
        if self._lock is not None:
            os.close(self._lock)

    def _read(self, question: Callable[[Connection], T]) -> T:
        try:
            with self.engine.connect() as connection:
                if not self.is_sqlite:  # there each statement would else see another moment
                    connection.execution_options(isolation_level="REPEATABLE READ")
                return question(connection)
        except DBAPIError as error:
            raise storage_error(error) from error

    def _write_forever(self) -> None:
        connection: Connection | None = None
        while (first := self._jobs.get()) is not None:
            jobs = [first, *self._waiting_jobs()]
            try:
                connection = connection or self._connect_writer()
                outcomes = _run_group(connection, [job for job, _ in jobs])
            except Exception as error:  # this thread must outlive every mistake: without it nothing is written
                outcomes = [_group_error(error)] * len(jobs)
                _discard(connection)
                connection = None
            _report(jobs, outcomes)
        _discard(connection)

    def _connect_writer(self) -> Connection:
        connection = self.engine.connect().execution_options(writer=True)
        if self.is_sqlite:
            raw: Any = connection.connection.driver_connection
            raw.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        return connection

    def _waiting_jobs(self) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < _MAX_JOBS:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)
                break
            jobs.append(job)
        return jobs


def open_database(url: str, migrations: Path) -> Database:
    """Open, lock and migrate. `url` is `sqlite:///path` or `postgresql://…`.

    Raises CannotOpen; StorageBusy when another process has the SQLite file.
    """
    parsed = normalise(url)
    lock = lock_file(parsed) if parsed.get_backend_name() == "sqlite" else None
    engine = engine_of(parsed, READERS + 1)
    try:
        migrate(engine, migrations)
    except BaseException as error:
        engine.dispose()
        if lock is not None:
            os.close(lock)
        if isinstance(error, DBAPIError):
            raise CannotOpen(f"{parsed.render_as_string()}: {error.orig}") from error
        raise
    return Database(engine, lock)


def database_clock(connection: Connection) -> datetime:
    """PostgreSQL's clock."""
    at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return at.astimezone(UTC)


def storage_error(error: DBAPIError) -> Exception:
    """What a caller sees of a database error: our own mistakes as they are, the storage's as Unavailable."""
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return _failed()
    return error


def _run_group(connection: Connection, jobs: list[Callable[[Connection], Any]]) -> list[Any]:
    """Run `jobs` in one transaction; an outcome is a result or the Exception that its job raised."""
    if len(jobs) == 1:
        return [_run_alone(connection, jobs[0])]
    with connection.begin():
        return [_run_in_savepoint(connection, job) for job in jobs]


def _run_alone(connection: Connection, job: Callable[[Connection], Any]) -> Any:
    """A transaction of its own needs no savepoint to be rolled back to."""
    transaction = connection.begin()
    try:
        outcome = job(connection)
    except Exception as error:
        transaction.rollback()
        if isinstance(error, _STORAGE_FAILED):
            raise
        return error
    transaction.commit()
    return outcome


def _run_in_savepoint(connection: Connection, job: Callable[[Connection], Any]) -> Any:
    savepoint = connection.begin_nested()
    try:
        outcome = job(connection)
        savepoint.commit()
    except _STORAGE_FAILED:
        raise  # the storage itself failed: nobody of this group has been served
    except Exception as error:
        savepoint.rollback()
        return error
    return outcome


def _group_error(error: Exception) -> Exception:
    """What everyone of a group that was not committed sees."""
    if isinstance(error, DBAPIError):
        return storage_error(error)
    log.error("a write job broke the transaction of its group", exc_info=error)
    return _failed()


def _failed() -> Unavailable:
    return Unavailable("storage failed; try again", code="storage-failed", retry_after=2)


def _discard(connection: Connection | None) -> None:
    if connection is not None and not connection.closed:
        connection.invalidate()
        connection.close()


def _report(jobs: list[Job], outcomes: list[Any]) -> None:
    """Hand the outcomes to the event loop in one wake-up."""
    loop = jobs[0][1].get_loop()

    def resolve() -> None:
        for (_, future), outcome in zip(jobs, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    try:
        loop.call_soon_threadsafe(resolve)
    except RuntimeError:
        return  # the loop is gone; so is everyone who waited
