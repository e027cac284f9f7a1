"""How a database is reached: its URL, its engine, and the lock on its file; the two kinds differ here.

CannotOpen          the database cannot be used; the text says why, to whoever started this process
└── StorageBusy     another process holds this SQLite file
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

#: Before a connection error is reported to the caller.
_BUSY_MS = 5_000
#: Pages that one connection keeps in memory, at most.
_CACHE_KIB = 16_000
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", f"PRAGMA busy_timeout={_BUSY_MS}", "PRAGMA foreign_keys=ON",
    "PRAGMA mmap_size=0",
    f"PRAGMA cache_size=-{_CACHE_KIB}", "PRAGMA trusted_schema=OFF", "PRAGMA wal_autocheckpoint=0",
)  # fmt: skip
#: A dead server is noticed within about 15 s; a statement that waits longer than this is a mistake.
_POSTGRES_CONNECTION = {
    "connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 3, "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}  # fmt: skip
_POSTGRES_OPTIONS = (
    "-c synchronous_commit=on -c lock_timeout=10s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"
)


class CannotOpen(Exception):
    """The database cannot be used."""


class StorageBusy(CannotOpen):
    """Another process holds this SQLite file."""


def normalise(url: str) -> URL:
    """The URL with the driver we use. Raises CannotOpen."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _unknown() from None
    names = {
        "postgres": "postgresql+psycopg",
        "postgresql": "postgresql+psycopg",
        "sqlite": "sqlite+pysqlite",
    }
    if parsed.drivername not in {*names, *names.values()}:
        raise _unknown()
    return parsed.set(drivername=names.get(parsed.drivername, parsed.drivername))


def _unknown() -> CannotOpen:
    return CannotOpen("expected a URL such as sqlite:///path/to/file.db or postgresql://host/database")


def engine_of(url: URL, connections: int) -> Engine:
    """An engine of at most so many connections at rest; nothing is opened yet."""
    if url.get_backend_name() != "sqlite":
        given = url.query.get("options", "")
        options = f"{given if isinstance(given, str) else ' '.join(given)} {_POSTGRES_OPTIONS}"
        connect_args = {**_POSTGRES_CONNECTION, "options": options}
        return create_engine(url, pool_size=connections, pool_pre_ping=True, connect_args=connect_args)
    engine = create_engine(url, pool_size=connections, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(raw: sqlite3.Connection, _: Any) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves: the driver would defer the lock
    for pragma in _SQLITE_PRAGMAS:
        raw.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    """On the raw driver: every transaction begins so, and the engine's own way takes four times as long."""
    writes = connection.get_execution_options().get("writer", False)
    raw: Any = connection.connection.driver_connection
    raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def lock_file(url: URL) -> int:
    """Take the SQLite file for this process; the descriptor that holds it. Raises CannotOpen."""
    if not url.database or url.database == ":memory:":
        raise CannotOpen("expected a file: sqlite:///path/to/file.db")
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise StorageBusy(f"{path} is in use by another process; give this one its own --data directory") from None
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return lock
