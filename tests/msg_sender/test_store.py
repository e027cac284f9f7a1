"""The table is the queue: claims, fences, leases, and who may write what. On both databases."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select

from msg_sender import message_store, store
from msg_sender.app import MIGRATIONS
from msg_sender.filters import MessageFilter
from msg_sender.reason import because
from msg_sender.store import Claim, Outcome
from msg_sender.tables import attempts, messages, metadata
from service_kit.database import Database, open_database
from wire.message import Message

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)
BUSY, GONE = because("busy", code="busy"), because("gone", code="gone")
LATER = Outcome(False, "pending", NOW, 0, error=BUSY, reason=BUSY)
SENT = Outcome(True, "sent", None, 0, answer="250 ok", reference="7")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url, MIGRATIONS)
    yield opened
    await opened.close()


def message(name: str = "m1", **fields: Any) -> Message:
    return Message.model_validate({"id": name, "channel": "email", "to": "a@example.org", "title": "T", **fields})


async def accept(database: Database, *given: Message) -> list[str]:
    return list(await database.write(store.accept, given, NOW))


async def claim(database: Database, now: datetime = NOW, channel: str = "email", limit: int = 10) -> list[Claim]:
    return await database.write(store.claim, channel, limit, now, now + LEASE)


async def one(database: Database, name: str = "m1") -> dict[str, Any]:
    found = await database.read(message_store.find, name)
    assert found is not None
    return found


async def test_the_metadata_equals_the_sum_of_the_migrations(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


async def test_the_same_id_is_a_duplicate_when_the_content_is_the_same_and_a_conflict_otherwise(
    database: Database,
) -> None:
    assert await accept(database, message()) == ["accepted"]
    assert await accept(database, message()) == ["duplicate"]
    assert await accept(database, message(title="U")) == ["conflict"]
    assert await accept(database, message(data={"a": 1, "b": 2})) == ["conflict"]
    assert (await one(database))["body"] == message().model_dump_json(), "nothing was overwritten"


async def test_contents_of_files_stand_beside_the_message_until_it_is_sent(database: Database) -> None:
    link, file = {"url": "https://x/a"}, {"name": "b", "content": "Yg=="}
    assert await accept(database, message(attachments=[link, file]), message("m2")) == ["accepted", "accepted"]
    assert await accept(database, message(attachments=[link, file])) == ["duplicate"]
    assert await accept(database, message(attachments=[link, {**file, "content": "Yw=="}])) == ["conflict"]
    with_file, without = await claim(database)
    assert (with_file.contents, without.contents) == ('{"1": "Yg=="}', None)
    assert "Yg==" not in with_file.body
    assert "contents" not in await one(database)
    for outcome, left in ((LATER, 1), (SENT, 0)):
        for held in await claim(database, NOW + 2 * LEASE):
            assert await database.write(store.finish, held, outcome, NOW)
        kept = select(func.count()).where(messages.c.contents.is_not(None))
        assert await database.read(lambda connection, query=kept: connection.scalar(query)) == left


async def test_the_order_of_members_in_data_makes_no_other_content(database: Database) -> None:
    await accept(database, message(data={"a": 1, "b": {"c": 2, "d": 3}}))
    assert await accept(database, message(data={"b": {"d": 3, "c": 2}, "a": 1})) == ["duplicate"]


async def test_within_one_batch_the_first_of_an_id_counts(database: Database) -> None:
    verdicts = await accept(
        database, message("z"), message("a"), message("z"), message("a", title="other"), message("b")
    )
    assert verdicts == ["accepted", "accepted", "duplicate", "conflict", "accepted"]
    assert await accept(database, message("z", title="x"), message("z"), message("c")) == [
        "conflict",
        "duplicate",
        "accepted",
    ]


async def test_a_large_batch_is_one_transaction(database: Database) -> None:
    many = [message(f"m{number}") for number in range(3000)]
    assert set(await accept(database, *many)) == {"accepted"}
    assert set(await accept(database, *many)) == {"duplicate"}


async def test_a_claim_is_exclusive_until_its_lease_ends(database: Database) -> None:
    await accept(database, message())
    [first] = await claim(database)
    assert await claim(database, NOW + LEASE - timedelta(seconds=1)) == []
    [second] = await claim(database, NOW + LEASE)
    assert second.fence == first.fence + 1


async def test_claims_are_per_channel_and_oldest_first(database: Database) -> None:
    await accept(database, message("a"), message("b", channel="telegram"), message("c"))
    assert [held.id for held in await claim(database, channel="telegram")] == ["b"]
    assert [held.id for held in await claim(database, limit=1)] == ["a"]
    assert [held.id for held in await claim(database, limit=5)] == ["c"]


async def test_one_row_stands_before_the_send_and_is_finished_after_it(database: Database) -> None:
    await accept(database, message())
    [held] = await claim(database)
    assert await database.write(store.begin, held, NOW, NOW + LEASE)
    [before] = (await one(database))["tries"]
    assert (before["outcome"], before["finished_at"]) == ("started", None)
    assert await database.write(store.finish, held, SENT, NOW + timedelta(seconds=1))
    row = await one(database)
    assert (row["status"], row["due_at"], row["attempts"]) == ("sent", None, 1)
    [after] = row["tries"]
    assert (after["outcome"], after["answer"], after["reference"]) == ("sent", "250 ok", "7")


async def test_who_lost_the_message_can_neither_begin_nor_finish_nor_release_nor_bury_nor_extend(
    database: Database,
) -> None:
    await accept(database, message())
    [late] = await claim(database)
    assert await database.write(store.begin, late, NOW, NOW + LEASE)
    [now_mine] = await claim(database, NOW + LEASE)
    assert not await database.write(store.begin, late, NOW, NOW + LEASE)
    assert not await database.write(store.finish, late, SENT, NOW)
    assert not await database.write(store.release, late, NOW)
    assert not await database.write(store.bury, late, GONE, NOW)
    assert await database.write(store.extend, [late, now_mine], NOW + 2 * LEASE) == {now_mine.number}
    row = await one(database)
    assert (row["status"], row["fence"]) == ("sending", now_mine.fence)
    assert [attempt["outcome"] for attempt in row["tries"]] == ["lost"]


async def test_a_lost_attempt_is_said_and_counted(database: Database) -> None:
    await accept(database, message())
    now = NOW
    for breakdowns in range(4):
        [held] = await claim(database, now)
        assert held.breakdowns == breakdowns
        await database.write(store.begin, held, now, now + LEASE)
        now += LEASE
    row = await one(database)
    assert [attempt["outcome"] for attempt in row["tries"]] == ["lost"] * 3 + ["started"]
    assert "may have been sent" in row["tries"][0]["error"]


async def test_a_released_message_has_no_attempt(database: Database) -> None:
    await accept(database, message())
    [held] = await claim(database)
    assert await database.write(store.release, held, NOW + timedelta(seconds=3))
    assert await claim(database, NOW + timedelta(seconds=2)) == []
    [again] = await claim(database, NOW + timedelta(seconds=3))
    assert (again.attempts, again.breakdowns) == (0, 0)
    assert (await one(database))["tries"] == []


async def test_an_extended_lease_holds_longer(database: Database) -> None:
    await accept(database, message())
    [held] = await claim(database)
    assert await database.write(store.extend, [held], NOW + 3 * LEASE) == {held.number}
    assert await claim(database, NOW + 2 * LEASE) == []


async def test_only_the_dead_are_replayed_and_once(database: Database) -> None:
    await accept(database, message())
    assert not await database.write(message_store.replay, "m1", NOW)
    [held] = await claim(database)
    await database.write(store.begin, held, NOW, NOW + LEASE)
    dead = Outcome(False, "dead", None, 0, error=GONE, answer="410", reason=GONE)
    await database.write(store.finish, held, dead, NOW)
    row = await one(database)
    assert (row["status"], row["reason"]) == ("dead", "gone")
    assert await claim(database, NOW + timedelta(days=400)) == []
    assert await database.write(message_store.replay, "m1", NOW)
    assert not await database.write(message_store.replay, "m1", NOW)
    [again] = await claim(database)
    assert (again.attempts, again.since) == (0, NOW)
    assert len((await one(database))["tries"]) == 1, "the past is kept"


async def test_pages_walk_all_messages_once_in_both_orders(database: Database) -> None:
    await accept(database, *(message(f"m{number}", notice=f"n{number % 2}") for number in range(11)))
    for newest_first in (True, False):
        seen, cursor, chosen = list[str](), None, MessageFilter(notice="n0")
        while True:
            rows, after = await database.read(message_store.page, chosen, cursor, newest_first, 2, True)
            seen += [row["id"] for row in rows]
            if after is None:
                break
            cursor = int(after)
        expected = [f"m{number}" for number in range(0, 11, 2)]
        assert seen == (expected[::-1] if newest_first else expected)


async def test_two_processes_share_one_queue_without_claiming_twice(postgres_url: str) -> None:
    """Two writers on PostgreSQL, as two processes are; every message is claimed by exactly one of them."""
    left, right = open_database(postgres_url, MIGRATIONS), open_database(postgres_url, MIGRATIONS)
    try:
        await accept(left, *(message(f"m{number}") for number in range(200)))
        rounds = await asyncio.gather(*(claim(random.choice((left, right)), limit=7) for _ in range(60)))
        claimed = [held.id for found in rounds for held in found]
        assert len(claimed) == len(set(claimed)) == 200
        both = await asyncio.gather(*(accept(side, *(message(f"x{n}") for n in range(50))) for side in (left, right)))
        assert sorted(verdict for verdicts in both for verdict in verdicts) == ["accepted"] * 50 + ["duplicate"] * 50
    finally:
        await left.close()
        await right.close()


async def test_racing_results_leave_one_record_for_each_attempt(database: Database) -> None:
    """Random interleavings of two workers, one of which is slow: whoever holds the fence decides, alone."""
    chance = random.Random(7)
    await accept(database, *(message(f"m{number}") for number in range(40)))
    held, now = list[Claim](), NOW
    for _ in range(400):
        now += timedelta(seconds=chance.choice((0, 1, 40)))
        step = chance.random()
        if step < 0.4 or not held:
            for fresh in await claim(database, now, limit=3):
                held.append(fresh)
                await database.write(store.begin, fresh, now, now + LEASE)
        else:
            await database.write(store.finish, held.pop(chance.randrange(len(held))), SENT, now)
    with database.engine.connect() as connection:
        rows = connection.execute(
            select(attempts.c.message, func.count()).where(attempts.c.outcome == "sent").group_by(attempts.c.message)
        ).all()
    assert rows
    assert {count for _, count in rows} == {1}, "no message has two recorded successes"


async def test_what_a_dead_predecessor_held_is_claimed_at_once_and_its_attempt_is_lost(database: Database) -> None:
    await accept(database, message("held"), message("later"))
    [held] = await claim(database, limit=1)
    assert await database.write(store.begin, held, NOW, NOW + LEASE)
    soon = NOW + timedelta(seconds=1)
    assert await database.write(store.inherit, soon) == 1
    assert [again.id for again in await claim(database, soon)] == ["later", "held"]
    [attempt] = (await one(database, "held"))["tries"]
    assert attempt["outcome"] == "lost"
    assert not await database.write(store.finish, held, SENT, soon), "the dead one's fence is broken"
