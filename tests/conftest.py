"""What all tests share: real databases of their own, free ports, and deadlines instead of sleeps."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

#: A maintenance database of a PostgreSQL server that tests may create databases on.
POSTGRES = os.environ.get("ALERTWRAP_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/postgres")

# A machine that does other things too takes its time: that is no finding.
hypothesis.settings.register_profile(
    "crowded", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("crowded")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Logging is set up once for a process: a test that does so must not do it for the next one."""
    yield
    structlog.reset_defaults()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto`: two for each core. Half of all time is spent waiting for real processes that wait themselves."""
    del config
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A group of tests runs in one worker: pytest-xdist 3.8 writes its name where pytest 9.2 does not look any more."""
    for item in items:
        grouped = vars(item).get("_nodeid", item.nodeid)
        if grouped != item.nodeid:
            item._id = type(item.id).parse(grouped)


def pytest_collection_finish() -> None:
    """What has been imported and collected lives to the end: it is not searched for garbage again and again."""
    gc.collect()
    gc.freeze()


def missing(what: str) -> None:
    """A part that the test needs is absent: an error where all must be there, a visible skip elsewhere."""
    if os.environ.get("ALERTWRAP_TEST_REQUIRE_ALL"):
        pytest.fail(f"missing: {what}")
    pytest.skip(f"missing: {what}")


@pytest.fixture(scope="session")
def _postgres_of_this_process() -> Iterator[str]:
    """The URL of a database that this test process has for itself."""
    name = f"alertwrap_test_{uuid.uuid4().hex}"
    with _postgres(POSTGRES) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    yield POSTGRES.rsplit("/", 1)[0] + "/" + name
    with _postgres(POSTGRES) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_url(_postgres_of_this_process: str) -> str:
    """The URL of an empty PostgreSQL database with no other connection. To make one anew takes ten times as long."""
    with _postgres(_postgres_of_this_process) as server:
        server.execute(_OTHERS_OUT)
        for (schema,) in server.execute(_SCHEMAS).fetchall():
            server.execute(f'DROP SCHEMA "{schema}" CASCADE')
        server.execute("CREATE SCHEMA public")
    return _postgres_of_this_process


_OTHERS_OUT = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"


def _postgres(url: str) -> Any:
    psycopg = pytest.importorskip("psycopg")
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=20)
    except psycopg.OperationalError as error:
        return missing(f"PostgreSQL at ALERTWRAP_TEST_POSTGRES={POSTGRES} ({error})")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each test that asks for it runs on both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def eventually(condition: Callable[[], object], deadline: float = 40.0) -> None:
    """Return once `condition()` is true; fail after `deadline` seconds. For what cannot be awaited."""
    async with asyncio.timeout(deadline):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def cancelled(task: asyncio.Task[object]) -> AsyncIterator[None]:
    """Run the block beside `task`, and cancel it at the end."""
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
