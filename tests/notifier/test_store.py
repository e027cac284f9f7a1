"""The journal's tables, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from notifier import store
from notifier.append import Arrival, append
from notifier.journal import MIGRATIONS, open_journal
from notifier.retention import forget
from notifier.settings import NotifierSettings, Window
from notifier.tables import metadata
from service_kit.database import open_database

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def arrival(number: int, key: str = "", **more: object) -> Arrival:
    fields: dict[str, object] = {
        "id": f"e{number}", "topic": "t", "key": key or f"k{number}", "action": "updated",
        "data": f'{{"n": {number}}}', "at": None, **more,
    }  # fmt: skip
    return Arrival(**fields)  # type: ignore[arg-type]


async def test_the_migrations_add_up_to_the_tables(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    await database.close()


async def test_append_state_and_window(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    await open_journal(database)
    first = await database.write(append, [arrival(1), arrival(2), arrival(1), arrival(1, "other")], NOW)
    assert first.verdicts == ["accepted", "accepted", "duplicate", "conflict"]
    assert ([entry.offset for entry in first.entries], first.last) == ([1, 2], 2)
    again = await database.write(
        append,
        [arrival(1, data='{"n":1}'), arrival(2, data='{"n": 3}'), arrival(3, "k1", action="deleted", data=None)],
        NOW,
    )
    assert again.verdicts == ["duplicate", "conflict", "accepted"], "content counts, not its spelling"
    cursor, items = await database.read(store.snapshot, "t", "", None)
    assert (cursor.offset, [(item.key, item.data, item.at) for item in items]) == (3, [("k2", '{"n": 2}', NOW)])
    entries = await database.read(store.events_since, "t", 1, 3, 10)
    assert entries is not None
    assert [(entry.key, entry.action) for entry in entries] == [("k2", "updated"), ("k1", "deleted")]
    await database.close()


async def test_what_leaves_the_window_is_remembered_as_long_as_it_is_the_state(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    await open_journal(database)
    await database.write(append, [arrival(number) for number in range(1, 11)], NOW)
    await forget(database, NotifierSettings(window=Window(count=3)), NOW)
    assert await database.read(store.events_since, "t", 6, 10, 10) is None
    kept = await database.read(store.events_since, "t", 7, 10, 10)
    assert kept is not None
    assert [entry.offset for entry in kept] == [8, 9, 10]
    again = await database.write(append, [arrival(1), arrival(2, data="{}")], NOW)
    assert again.verdicts == ["duplicate", "conflict"]
    await forget(database, NotifierSettings(window=Window(age=timedelta(hours=1))), NOW + timedelta(hours=2))
    assert await database.read(store.events_since, "t", 9, 10, 10) is None
    assert await database.read(store.events_since, "t", 10, 10, 10) == []
    _, items = await database.read(store.snapshot, "t", "", None)
    assert len(items) == 10
    await database.close()


async def test_prefixes_and_pages_follow_the_bytes_of_the_keys(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    await open_journal(database)
    keys = ["a/1", "a/B", "a/b", "a/é", "A/1", "a-b/1", "a", "ab/1", "a0", "a/%"]
    await database.write(append, [arrival(number, key) for number, key in enumerate(keys)], NOW)
    _, items = await database.read(store.snapshot, "t", "a/", None)
    assert [item.key for item in items] == ["a/%", "a/1", "a/B", "a/b", "a/é"]
    found, after = [], ""
    while page := (await database.read(store.state_page, "t", "", after, 3))[1]:
        found += [item.key for item in page]
        after = found[-1]
    assert found == sorted(keys, key=str.encode)
    await database.close()


async def test_a_commit_whose_report_was_lost_is_told_with_the_next_one(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    journal = await open_journal(database)
    told: list[int] = []
    journal.tell = lambda entries: told.extend(entry.offset for entry in entries)
    await journal.append([arrival(1)])
    await database.write(append, [arrival(2), arrival(3)], NOW)
    assert await journal.append([arrival(2)]) == ["duplicate"]
    await journal.append([arrival(4)])
    assert told == [1, 2, 3, 4]
    await database.close()
