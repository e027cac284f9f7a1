"""What a service tells operators of itself: version, readiness, storage, and what waits in it since when."""

from __future__ import annotations

import json
import platform
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Table, func, select, text

from service_kit.auth import Principal, allow
from service_kit.database import Database
from wire.times import Timestamp, utc_now

Reader = Annotated[Principal, allow("metrics:read")]


class Queue(BaseModel):
    """`waiting` things, the first of them since `oldest_at`: null when there are none, or nobody knows."""

    model_config = ConfigDict(frozen=True)

    name: str
    waiting: int
    oldest_at: Timestamp | None


class Storage(BaseModel):
    """The service's database: its size on disk, and the newest migration that was applied."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["sqlite", "postgresql"]
    bytes: int
    revision: str | None


class ServiceReport(BaseModel):
    """One service. `now` is its clock; `missing` says what it waits for while it is not `ready`.

    `followers`: open websockets, null where there cannot be any.
    """

    model_config = ConfigDict(frozen=True)

    service: str
    version: str
    python: str
    started_at: Timestamp
    now: Timestamp
    ready: bool
    missing: str | None
    storage: Storage
    queues: list[Queue]
    followers: int | None


class SystemReport(BaseModel):
    """Every service of this process."""

    model_config = ConfigDict(frozen=True)

    services: list[ServiceReport]


@dataclass(frozen=True)
class Inside:
    """Where a service looks to tell of itself. `queues` gets the time, and runs in one read of the database."""

    database: Database
    queues: Callable[[Connection, datetime], Sequence[Queue]]
    followers: Callable[[], int] | None = None


def system_router(name: str, inside: Inside, ready: Callable[[], Awaitable[str | None]]) -> APIRouter:
    """`/api/v1/system/NAME`, the same wherever the service runs, and `/api/v1/system` for all of one process."""
    router = APIRouter(prefix="/api/v1/system", tags=["operations"])
    started_at = utc_now()

    async def report() -> ServiceReport:
        missing, now = await ready(), await inside.database.now()
        return ServiceReport(
            service=name, version=version("alertwrap"), python=platform.python_version(), started_at=started_at,
            now=utc_now(), ready=missing is None, missing=missing,
            storage=await inside.database.read(_storage), queues=list(await inside.database.read(inside.queues, now)),
            followers=inside.followers() if inside.followers else None,
        )  # fmt: skip

    @router.get(f"/{name}", response_model=ServiceReport, operation_id=f"report_of_{name}")
    async def own(_: Reader) -> ServiceReport:
        """How this service fares: version, storage, and what waits in it since when."""
        return await report()

    @router.get("", response_model=SystemReport)
    async def system(_: Reader) -> SystemReport:
        """How every service of this process fares; behind a proxy ask each one by its name."""
        return SystemReport(services=[await report()])

    return router


def outbox_queue(connection: Connection, table: Table) -> Queue:
    """Events that are not published yet."""
    waiting = connection.scalar(select(func.count()).select_from(table)) or 0
    oldest = connection.scalar(select(table.c.event).order_by(table.c.number).limit(1))
    return Queue(name="outbox", waiting=waiting, oldest_at=json.loads(oldest).get("at") if oldest else None)


_POSTGRES_BYTES = text("SELECT pg_database_size(current_database())")


def _storage(connection: Connection) -> Storage:
    sqlite = connection.dialect.name == "sqlite"
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    size = _sqlite_bytes(connection) if sqlite else connection.scalar(_POSTGRES_BYTES)
    return Storage(kind="sqlite" if sqlite else "postgresql", bytes=size or 0, revision=revision)


def _sqlite_bytes(connection: Connection) -> int:
    """With the log of what is not yet moved into the file."""
    file = connection.engine.url.database or ""
    paths = [path for path in (Path(file), Path(f"{file}-wal")) if path.exists()]
    return sum(path.stat().st_size for path in paths)
