"""Steps that are due: handed over once, to whom it still concerns, whatever stalls, dies or is away meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import Connection, select

from notice_center import fold_store, inbox_store, notice_store, retention, step_store
from notice_center.app import MIGRATIONS
from notice_center.decide import Decision
from notice_center.directory import Directories, Directory
from notice_center.emissions import append
from notice_center.forwarder import Forwarder, pause
from notice_center.tables import emission, entry
from service_kit.database import Database, open_database
from tests.conftest import eventually
from tests.msg_sender.conftest import open_sender
from tests.notice_center.conftest import INBOX, NOTICES, Town, get, post
from wire.json_text import MAX_DEPTH
from wire.message import Message

NOW = {"email": {"recipients": ["u1"], "after": "0"}}


async def people(town: Town) -> None:
    await town.recipient("u1", email="u1@x.test")
    await town.recipient("u2", email="u2@x.test")


async def reasons(client: httpx2.AsyncClient, notice: str) -> list[str]:
    """The reasons of all decisions, once there are some."""
    async with asyncio.timeout(40):
        while not (found := (await get(client, f"{NOTICES}/{notice}/trail"))["decisions"]):
            await asyncio.sleep(0.05)
    return [one["reason"] for one in found]


async def test_what_nobody_reads_in_time_is_handed_over_once(town: Town, database_url: str) -> None:
    await people(town)
    await town.config("c1", NOW)
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "key": "k", "title": "91 %", "severity": "error"})
        assert await reasons(client, "n") == ["unread"]
        await post(
            client, {"alert": "disk", "key": "k", "title": "92 %"}, {"alert": "disk", "key": "k", "title": "93 %"}
        )
        assert (await get(client, f"{NOTICES}/n"))["count"] == 3
        (message,) = town.sender.messages.values()
        assert (message["to"], message["channel"], message["title"], message["notice"]) == (
            "u1@x.test",
            "email",
            "91 %",
            "n",
        )
        trail = await get(client, f"{NOTICES}/n/trail")
        assert [trail["decisions"][0]["message"], *(one["id"] for one in trail["messages"])] == [message["id"]] * 2


async def test_who_reads_in_time_is_not_written_to(town: Town, database_url: str) -> None:
    await people(town)
    await town.config("c1", {"email": {"recipients": ["u1", "u2"], "after": "2s"}})
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "title": "t"})
        await client.post(f"{INBOX}/n/read", params={"recipient": "u1"})
        assert await reasons(client, "n") == ["read", "unread"]
        assert [one["to"] for one in town.sender.messages.values()] == ["u2@x.test"]


@pytest.mark.parametrize(
    ("channel", "expected"),
    [({"email": {"recipients": ["u1"], "after": "0"}}, ["unread"]), ({"telegram": {}}, ["channel_removed"])],
)
async def test_a_config_that_was_changed_moves_what_is_already_scheduled(
    town: Town, database_url: str, channel: dict[str, Any], expected: list[str]
) -> None:
    await people(town)
    await town.config("c1", {"email": {"recipients": ["u1"], "after": "1h"}})
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "title": "t"})
        assert (await get(client, f"{NOTICES}/n/trail"))["steps"][0]["state"] == "pending"
        await town.config("c1", channel)
        assert await reasons(client, "n") == expected
    await town.config("c2", {"email": {"recipients": ["u2"], "after": "1h"}}, name="load")
    async with town.opened(database_url) as client:
        await post(client, {"id": "m", "alert": "load", "title": "t"})
        assert (await get(client, f"{NOTICES}/m/trail"))["steps"][0]["state"] == "pending"
    await town.config("c2", {"email": {"recipients": ["u2"], "after": "0"}}, name="load")
    async with town.opened(database_url) as client:
        assert await reasons(client, "m") == ["unread"]


async def test_a_resolved_notice_is_not_sent_and_a_new_one_is(town: Town, database_url: str) -> None:
    await people(town)
    await town.config("c1", {"email": {"recipients": ["u1"], "after": "1s"}})
    async with town.opened(database_url) as client:
        line = {"alert": "disk", "key": "k"}
        await post(client, line | {"id": "n1"}, line | {"status": "resolved"}, line | {"id": "n2"})
        assert await reasons(client, "n1") == ["resolved"]
        assert await reasons(client, "n2") == ["unread"]


async def test_while_the_sender_is_away_nothing_is_decided_and_nothing_lost(town: Town, database_url: str) -> None:
    await people(town)
    await town.config("c1", NOW)
    town.sender.down = True
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "title": "t"})
        await eventually(lambda: town.sender.requests > 1, 20)
        assert (await get(client, f"{NOTICES}/n"))["status"] == "firing"
    town.sender.down = False
    async with town.opened(database_url) as client:
        assert await reasons(client, "n") == ["unread"]
        assert len(town.sender.messages) == 1


@pytest.mark.parametrize(("status", "reason"), [("rejected", "refused"), ("conflict", "unread")])
async def test_a_refusal_is_recorded_and_an_earlier_wording_counts(
    town: Town, database_url: str, status: str, reason: str
) -> None:
    await people(town)
    await town.config("c1", NOW)
    town.sender.status_of = lambda message: status
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "title": "t"})
        assert await reasons(client, "n") == [reason]


def deep(levels: int) -> dict[str, Any]:
    """Objects in objects, as many as `levels`."""
    found: dict[str, Any] = {}
    for _ in range(levels - 1):
        found = {"a": found}
    return found


async def test_data_that_is_too_deep_for_a_message_does_not_cost_its_text(
    town: Town, database_url: str, tmp_path: Path
) -> None:
    """A notice is taken with data that, one level deeper in a message, no JSON of ours may hold."""
    await people(town)
    await town.config("c1", NOW)
    async with town.opened(database_url) as client, open_sender(f"sqlite:///{tmp_path}/sender.db", tmp_path) as real:
        town.sender = real.app
        for name, levels in (("just", MAX_DEPTH - 2), ("deep", MAX_DEPTH - 1)):
            await post(client, {"id": name, "alert": "disk", "title": "t", "data": deep(levels)})
            assert await reasons(client, name) == ["unread"]
            trail = await get(client, f"{NOTICES}/{name}/trail")
            assert [one["id"] for one in trail["messages"]] == [trail["decisions"][0]["message"]], (
                "said to be sent, and is"
            )
            message = (await real.http.get(f"/api/v1/messages/{trail['messages'][0]['id']}")).json()
            assert message["data"]["data"] == (deep(levels) if name == "just" else {})


async def test_an_address_that_no_message_can_go_to_costs_the_others_nothing(town: Town, database_url: str) -> None:
    await town.config("c1", {"email": {"to": ["team@x.test", "two\nlines@x.test", "ops@x.test"], "after": "0"}})
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "title": "t", "recipients": ["u1"]})
        assert await reasons(client, "n") == ["unread", "failed", "unread"]
        assert sorted(one["to"] for one in town.sender.messages.values()) == ["ops@x.test", "team@x.test"]


async def test_a_config_that_was_changed_moves_steps_in_portions(
    town: Town, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notice_center.forwarder._MOVED", 2)
    await people(town)
    await town.config("c1", {"email": {"recipients": ["u1"], "after": "1h"}})
    async with town.opened(database_url) as client:
        await post(client, *({"id": f"n{number}", "alert": "disk", "title": "t"} for number in range(5)))
        await get(client, f"{NOTICES}/n4")
        await town.config("c1", NOW)
        assert [await reasons(client, f"n{number}") for number in range(5)] == [["unread"]] * 5


async def test_a_config_that_was_disabled_meanwhile_sends_nothing(town: Town, database_url: str) -> None:
    await people(town)
    await town.config("c1", {"email": {"recipients": ["u1"], "after": "2s"}})
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "title": "t"})
        await get(client, f"{NOTICES}/n")
        await town.config("c1", {"email": {"recipients": ["u1"], "after": "2s"}}, enabled=False)
        assert await reasons(client, "n") == ["config_disabled"]
        assert town.sender.messages == {}


class StallingSender:
    """Holds each hand-over until it is let go."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()
        self.messages: list[Message] = []

    async def hand_over(self, messages: Sequence[Message]) -> None:
        self.asked.set()
        await self.go.wait()
        self.messages += messages


@asynccontextmanager
async def one_due_step(database_url: str) -> AsyncIterator[tuple[Database, Directories]]:
    directories = Directories()
    directories.replace_configs([("c1", {"id": "c1", "name": "disk", "channel": NOW})])
    directories.replace_recipients([("u1", {"id": "u1", "addresses": {"email": "u1@x.test"}})])
    database = open_database(database_url, MIGRATIONS)
    try:
        await database.write(append, [("n", '{"alert":"disk","title":"t"}')])
        await database.write(fold_store.fold_batch, directories.now, 10)
        yield database, directories
    finally:
        await database.close()


async def test_of_two_workers_only_the_one_with_the_latest_claim_finishes(database_url: str) -> None:
    async with one_due_step(database_url) as (database, directories):
        stalled, quick = StallingSender(), StallingSender()
        quick.go.set()
        late = asyncio.create_task(Forwarder(database, directories, stalled, lambda: 0.5).forward_once())
        await stalled.asked.wait()
        assert await Forwarder(database, directories, quick, lambda: 0.5).forward_once() == 0, "claimed by the other"
        now = await database.now() + timedelta(seconds=31)
        claims = await database.write(step_store.claim, now, timedelta(seconds=30), 10)
        assert [one.fence for one in claims.steps] == [2]
        stalled.go.set()
        await late
        assert (await database.read(step_store.next_wake)) is not None, "the late one finished what was not its own"
        done = [step_store.Finished(claims.steps[0], (Decision("skip", "nobody"),), {})]
        assert await database.write(step_store.finish, done, now) == 1
        assert await database.write(step_store.finish, done, now) == 0


async def test_what_a_dead_center_held_is_taken_over_at_once_where_there_can_be_no_other(
    town: Town, tmp_path: Path
) -> None:
    database_url = f"sqlite:///{tmp_path}/x.db"
    async with one_due_step(database_url) as (database, _):
        claims = await database.write(step_store.claim, await database.now(), timedelta(hours=1), 10)
        assert len(claims.steps) == 1
    await people(town)
    await town.config("c1", NOW)
    async with town.opened(database_url) as client:
        assert await reasons(client, "n") == ["unread"]


async def test_a_claim_that_lapsed_before_the_wire_is_not_sent(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with one_due_step(database_url) as (database, directories):
        monkeypatch.setattr("notice_center.forwarder.LEASE", timedelta(seconds=0))
        sender = StallingSender()
        assert await Forwarder(database, directories, sender, lambda: 0.5).forward_once() == 1
        assert not sender.asked.is_set()


def test_pauses_grow_and_stay_bounded() -> None:
    assert pause(1, 0.0) < pause(2, 0.0) < pause(3, 0.0)
    assert pause(1000, 1.0) == timedelta(seconds=60)


async def test_retention_deletes_only_what_is_over(tmp_path: Path) -> None:
    directories = Directories()
    directories.replace_configs([("c1", {"id": "c1", "name": "disk", "channel": {"email": {"after": "1d"}}})])
    database = open_database(f"sqlite:///{tmp_path}/x.db", MIGRATIONS)
    lines = [
        ("over", '{"title":"t"}'), ("unread", '{"title":"t","recipients":["u1"]}'),
        ("due", '{"alert":"disk","title":"t"}'), ("open", '{"title":"t","key":"k"}'), ("newest", '{"title":"t"}'),
    ]  # fmt: skip
    await database.write(append, lines)
    await database.write(fold_store.fold_batch, directories.now, 10)
    later = await database.now() + timedelta(days=1)
    assert await retention.forget_old(database, await database.now() - timedelta(days=1)) == 0, "nothing is old"
    assert await retention.forget_old(database, later) == 2
    assert await retention.forget_old(database, later) == 0
    again: Any = await database.write(append, [("after", '{"title":"t"}')])
    assert again.last == 6, "numbers go on behind what was deleted"
    await database.close()


@pytest.mark.parametrize("stretch", [1, 3, 200])
async def test_retention_deletes_lines_that_only_repeated_and_keeps_what_they_were_about(
    database_url: str, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(retention, "_STRETCH", stretch)
    database = open_database(database_url, MIGRATIONS)
    lines = [
        ("opens", '{"title":"t","key":"k"}'), *((f"again{n}", '{"title":"t","key":"k"}') for n in range(5)),
        ("worse", '{"title":"t","key":"k","severity":"error"}'), ("never", '{"key":"other","status":"resolved"}'),
        ("newest", '{"key":"other","status":"resolved"}'),
    ]  # fmt: skip
    try:
        await database.write(append, lines)
        await database.write(fold_store.fold_batch, Directory(), 20)
        assert await retention.forget_old(database, await database.now() + timedelta(days=1)) == 0
        left = await database.read(
            lambda connection: list(connection.scalars(select(emission.c.id).order_by(emission.c.seq)))
        )
        assert left == ["opens", "worse", "newest"]
        found = await database.read(notice_store.find, "worse")
        assert found is not None
        assert (found.id, found.count, found.round) == ("opens", 7, 2)
    finally:
        await database.close()


async def test_retention_never_deletes_what_somebody_marked_as_unread_meanwhile(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(database_url, MIGRATIONS)
    original = retention.old
    looks: list[int] = []

    def marked_between(connection: Connection, *span: Any) -> retention.Old:
        looks.append(1)
        if len(looks) == 2:  # in the transaction that deletes
            connection.execute(entry.update().values(read_at=None))
        return original(connection, *span)

    try:
        await database.write(append, [("n", '{"title":"t","recipients":["u1"]}')])
        await database.write(fold_store.fold_batch, Directory(), 20)
        await database.write(inbox_store.mark, "u1", "n", "read", None, await database.now())
        monkeypatch.setattr(retention, "old", marked_between)
        assert await retention.forget_old(database, await database.now() + timedelta(days=1)) == 0
        assert len(looks) == 2
        assert await database.read(notice_store.find, "n") is not None
    finally:
        await database.close()
