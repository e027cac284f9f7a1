"""The database: one writer, groups that share a commit, failures that stay alone, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, event, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from service_kit.database import Database, open_database
from service_kit.engine import CannotOpen, StorageBusy, normalise
from service_kit.problems import Unavailable
from service_kit.times import Time, from_micros, micros

METADATA = MetaData()
THINGS = Table("things", METADATA, Column("id", Integer, primary_key=True), Column("name", Text), Column("at", Time))
MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{number}", {down}
def upgrade():
    {upgrade}
"""
ENV = "from service_kit.migrations import run\nfrom sqlalchemy import MetaData\nrun(MetaData())\n"


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").write_text(ENV)
    create = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text)' \
        ', sa.Column("at", sa.BigInteger))'  # fmt: skip
    (versions / "0001_things.py").write_text(MIGRATION.format(number="0001", down=None, upgrade=create))
    return tmp_path / "migrations"


@pytest.fixture
async def database(database_url: str, migrations: Path) -> AsyncIterator[Database]:
    opened = open_database(database_url, migrations)
    yield opened
    await opened.close()


def add(connection: Connection, id: int, name: str = "x") -> int:
    connection.execute(insert(THINGS).values(id=id, name=name))
    return id


def ids(connection: Connection) -> list[int]:
    return list(connection.execute(select(THINGS.c.id).order_by(THINGS.c.id)).scalars())


async def test_what_is_written_is_read(database: Database) -> None:
    assert await database.write(add, 1, name="one") == 1
    assert await database.read(ids) == [1]


async def test_what_waits_is_committed_together(database: Database) -> None:
    commits = []
    event.listen(database.engine, "commit", lambda _: commits.append(1))
    started, go = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        started.set()
        go.wait(10)

    first = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(started.wait, 10)
    rest = [asyncio.create_task(database.write(add, number)) for number in range(100)]
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(first, *rest)
    assert len(commits) == 2
    assert len(await database.read(ids)) == 100


async def test_a_job_that_fails_is_rolled_back_alone(database: Database) -> None:
    def fails(connection: Connection) -> None:
        add(connection, 50)
        raise KeyError("mine")

    jobs = [database.write(add, 1), database.write(fails), database.write(add, 1), database.write(add, 2)]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, KeyError, IntegrityError, int]
    assert await database.read(ids) == [1, 2]


async def test_a_job_that_breaks_its_connection_does_not_stop_the_writer(database: Database) -> None:
    def breaks(connection: Connection) -> None:
        connection.close()

    async with asyncio.timeout(40):
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is, the caller hears of it
            await database.write(breaks)
        assert await database.write(add, 1) == 1


async def test_a_job_cannot_commit_on_its_own(database: Database) -> None:
    def commits(connection: Connection) -> None:
        add(connection, 7)
        connection.commit()

    async with asyncio.timeout(40):
        with pytest.raises(Exception):  # noqa: B017, PT011
            await database.write(commits)
        await database.write(add, 8)
    assert 8 in await database.read(ids)


async def test_readers_see_a_snapshot_while_the_writer_writes(database: Database) -> None:
    inside, go = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        add(connection, 1)
        inside.set()
        go.wait(10)

    writing = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(inside.wait, 10)
    assert await database.read(ids) == []
    go.set()
    await writing
    assert await database.read(ids) == [1]


async def test_what_was_queued_is_written_before_it_closes(database: Database, migrations: Path) -> None:
    jobs = [asyncio.create_task(database.write(add, number)) for number in range(50)]
    await asyncio.sleep(0)
    await database.close()
    await database.close()
    assert len(await asyncio.gather(*jobs)) == 50
    with pytest.raises(Unavailable):
        await database.write(add, 99)


async def test_a_full_disk_met_on_the_raw_driver_is_unavailable_and_passes(tmp_path: Path, migrations: Path) -> None:
    """The database may grow by a few pages only; then it may grow again."""
    database = open_database(f"sqlite:///{tmp_path}/full.db", migrations)

    def fill(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        raw.execute("PRAGMA max_page_count=8")
        raw.execute("CREATE TABLE big (text TEXT)")
        raw.execute("INSERT INTO big VALUES (?)", ["x" * 100_000])

    with pytest.raises(Unavailable):
        await database.write(fill)
    assert await database.write(add, 1) == 1
    assert await database.read(ids) == [1]
    await database.close()


async def test_a_storage_failure_is_unavailable_and_passes(postgres_url: str, migrations: Path) -> None:
    database = open_database(postgres_url, migrations)
    kill = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()")

    def cut(connection: Connection) -> None:
        connection.execute(kill)

    with pytest.raises(Unavailable) as refused:
        await database.write(cut)
    assert "retry-after" in {name.lower() for name in refused.value.headers}
    assert await database.write(add, 1) == 1
    with pytest.raises(Unavailable):
        await database.read(cut)
    assert await database.read(ids) == [1]
    await database.close()


async def test_a_full_disk_is_unavailable_and_passes(tmp_path: Path, migrations: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/store.db", migrations)

    def limit(connection: Connection, pages: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    await database.write(limit, 1)  # SQLite takes the present size where that is more
    with pytest.raises(Unavailable):
        await database.write(add, 1, name="x" * 1_000_000)
    await database.write(limit, 1_000_000)
    assert await database.write(add, 2, name="x" * 1_000_000) == 2
    assert await database.read(ids) == [2]
    await database.close()


async def test_a_second_process_on_the_file_is_refused(tmp_path: Path, migrations: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    database = open_database(url, migrations)
    with pytest.raises(StorageBusy):
        open_database(url, migrations)
    program = "import sys; from pathlib import Path; from service_kit.database import open_database\n" \
        "open_database(sys.argv[1], Path(sys.argv[2]))"  # fmt: skip
    command = [sys.executable, "-c", program, url, str(migrations)]
    other = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert other.returncode == 1
    assert "StorageBusy" in other.stderr
    await database.close()
    await open_database(url, migrations).close()


async def test_the_files_are_for_their_owner_alone(tmp_path: Path, migrations: Path) -> None:
    before = os.umask(0)
    try:
        database = open_database(f"sqlite:///{tmp_path}/data/store.db", migrations)
        await database.write(add, 1)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
        await database.close()
    finally:
        os.umask(before)
    assert len(modes) >= 3
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


async def test_sqlite_is_set_to_keep_what_it_acknowledged(tmp_path: Path, migrations: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/store.db", migrations)

    def pragmas(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "mmap_size", "foreign_keys", "wal_autocheckpoint", "trusted_schema")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    same = {"journal_mode": "wal", "synchronous": 2, "mmap_size": 0, "foreign_keys": 1, "trusted_schema": 0}
    assert await database.read(pragmas) == {**same, "wal_autocheckpoint": 0}
    assert await database.write(pragmas) == {**same, "wal_autocheckpoint": 8_000}
    await database.close()


async def test_times_keep_their_microseconds_and_their_order(database: Database) -> None:
    moments = [
        datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC),
        datetime(2026, 11, 20, 9, 30, 0, 1, UTC),
        datetime(2026, 11, 20, 9, 30, 0, 2, timezone(timedelta(hours=-3))),
    ]
    for number, moment in enumerate(moments):
        await database.write(lambda c, n=number, m=moment: c.execute(insert(THINGS).values(id=n, at=m)) and None)
        assert from_micros(micros(moment)) == moment

    def times(connection: Connection) -> list[datetime]:
        return list(connection.execute(select(THINGS.c.at).order_by(THINGS.c.at)).scalars())

    assert await database.read(times) == moments
    assert (await database.now()).tzinfo is not None


async def test_a_newer_database_is_refused_and_an_older_one_migrated(database_url: str, migrations: Path) -> None:
    await open_database(database_url, migrations).close()
    second = migrations / "versions" / "0002_more.py"
    second.write_text(
        MIGRATION.format(number="0002", down='"0001"', upgrade='op.add_column("things", sa.Column("more", sa.Text))')
    )
    database = open_database(database_url, migrations)
    await database.read(lambda connection: connection.execute(text("SELECT more FROM things")).all())
    await database.close()
    second.unlink()
    with pytest.raises(CannotOpen, match="newer"):
        open_database(database_url, migrations)


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite+aiosqlite:///x.db", "postgresql+asyncpg://h/d"])
def test_only_our_databases_are_taken(url: str) -> None:
    with pytest.raises(CannotOpen, match="expected a URL"):
        normalise(url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_memory_is_no_store(url: str, migrations: Path) -> None:
    with pytest.raises(CannotOpen, match="expected a file"):
        open_database(url, migrations)


async def test_many_writers_count_right(database: Database) -> None:
    await database.write(add, 0, name="0")

    def increment(connection: Connection) -> None:
        count = int(connection.execute(select(THINGS.c.name).where(THINGS.c.id == 0)).scalar_one())
        connection.execute(THINGS.update().where(THINGS.c.id == 0).values(name=str(count + 1)))

    await asyncio.gather(*(database.write(increment) for _ in range(500)))
    assert await database.read(lambda c: c.execute(select(THINGS.c.name)).scalar_one()) == "500"
    assert await database.read(lambda c: c.execute(select(func.count()).select_from(THINGS)).scalar_one()) == 1


async def test_a_read_sees_one_moment_however_many_questions_it_asks(database: Database) -> None:
    asked, changed = threading.Event(), threading.Event()

    def twice(connection: Connection) -> tuple[int, int]:
        before = connection.execute(select(func.count()).select_from(THINGS)).scalar_one()
        asked.set()
        assert changed.wait(10)
        return before, connection.execute(select(func.count()).select_from(THINGS)).scalar_one()

    reading = asyncio.create_task(database.read(twice))
    assert await asyncio.to_thread(asked.wait, 10)
    await database.write(add, 1)
    changed.set()
    assert await reading == (0, 0)
    assert await database.read(lambda c: c.execute(select(func.count()).select_from(THINGS)).scalar_one()) == 1
