"""Emissions become notices: grouped by key, counted, closed, and nothing that fails holds up the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from notice_center.app import MIGRATIONS
from notice_center.emissions import append
from notice_center.fold import Emission, NoticeState, fold, notice_id
from notice_center.folder import is_flood, rest
from notice_center.tables import emission
from service_kit.database import open_database
from tests.notice_center.conftest import INBOX, NOTICES, Town, get, post
from wire.notice import Notice

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def folded(*said: dict[str, Any]) -> tuple[list[str], NoticeState | None]:
    """The effects of emissions of one key, one after the other, and the notice that is open at the end."""
    effects, current = [], None
    for number, one in enumerate(said, 1):
        result = fold(current, Emission(number, f"e{number}", NOW, Notice(alert="disk", key="k", **one)))
        effects.append(result.effect)
        current = result.notice if result.notice and result.notice.status == "firing" else None
    return effects, current


@pytest.mark.parametrize(
    ("said", "effects", "count", "round"),
    [
        ([{}], ["opened"], 1, 1),
        ([{}, {}, {}], ["opened", "repeated", "repeated"], 3, 1),
        ([{"severity": "warning"}, {"severity": "critical"}], ["opened", "escalated"], 2, 2),
        ([{"severity": "critical"}, {"severity": "warning"}], ["opened", "repeated"], 2, 1),
        ([{}, {"status": "resolved"}, {}], ["opened", "resolved", "opened"], 1, 1),
        ([{"status": "resolved"}], ["unopened"], None, None),
        ([{}, {"status": "resolved"}, {"status": "resolved"}], ["opened", "resolved", "unopened"], None, None),
    ],
)
def test_the_effects(said: list[dict[str, Any]], effects: list[str], count: int | None, round: int | None) -> None:
    found, current = folded(*said)
    assert found == effects
    assert (current.count if current else None, current.round if current else None) == (count, round)


def test_what_a_repeat_does_not_say_stays() -> None:
    _, current = folded({"title": "91 %", "labels": {"host": "a"}}, {"title": "92 %"})
    assert current is not None
    assert (current.title, current.labels) == ("92 %", '{"host":"a"}')


def test_ids_that_do_not_fit_into_urls_get_another() -> None:
    assert notice_id("0198c2a0-1111-7000-8000-0123456789ab") == "0198c2a0-1111-7000-8000-0123456789ab"
    assert "/" not in notice_id("a/b?c#d")
    assert notice_id("a/b") != notice_id("a/c")


async def test_a_key_groups_counts_and_starts_anew_after_it_was_resolved(town: Town, database_url: str) -> None:
    await town.config("c1", {"panel": {"recipients": ["u1"]}})
    async with town.opened(database_url) as client:
        line = {"alert": "disk", "key": "/var"}
        await post(
            client, line | {"id": "n1"}, line | {"title": "91 %"}, line | {"status": "resolved"}, line | {"id": "n2"}
        )
        await post(client, {"alert": "disk", "key": "/home"}, {"alert": "other", "key": "/var", "recipients": ["u1"]})
        items = (await get(client, INBOX, recipient="u1"))["items"]
        assert [(one["alert"], one["key"], one["status"], one["count"]) for one in items] == [
            ("other", "/var", "firing", 1), ("disk", "/home", "firing", 1), ("disk", "/var", "firing", 1),
            ("disk", "/var", "resolved", 3),
        ]  # fmt: skip
        assert [one["id"] for one in items][2:] == ["n2", "n1"]
        assert items[3]["title"] == "91 %"


async def test_more_severe_is_unread_again_but_a_repeat_is_not(town: Town, database_url: str) -> None:
    async with town.opened(database_url) as client:
        line = {"alert": "disk", "key": "k", "recipients": ["u1"]}
        await post(client, line | {"id": "n", "severity": "warning"})
        await client.post(f"{INBOX}/n/read", params={"recipient": "u1"})
        await post(client, line | {"severity": "warning"})
        assert (await get(client, f"{INBOX}/counts", recipient="u1"))["unread"] == 0
        await post(client, line | {"severity": "critical"})
        assert (await get(client, f"{INBOX}/counts", recipient="u1"))["by_severity"]["critical"] == 1


async def test_every_change_of_an_entry_is_told_to_the_topic(town: Town, database_url: str) -> None:
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "title": "t", "recipients": ["u1", "u2"]})
        answer = await client.post(f"{INBOX}/n/acknowledge", params={"recipient": "u1"}, json={"note": "mine"})
        expected = (await get(client, INBOX, recipient="u1"))["items"][0]
        assert answer.json() == expected
        async with asyncio.timeout(40):
            while await _topic(client) != {
                "u1/n": expected,
                "u2/n": (await get(client, INBOX, recipient="u2"))["items"][0],
            }:
                await asyncio.sleep(0.02)


async def test_folding_waits_for_configs_however_long_intake_and_readers_do_not(
    town: Town, database_url: str, patience: Callable[[float], None]
) -> None:
    patience(0.1)
    notifier, town.notifier = town.notifier, _away
    async with town.opened(database_url) as client:
        await post(client, {"id": "n", "alert": "disk", "title": "t"})
        assert (await client.get("/api/v1/notices")).json()["items"] == []
        town.notifier = notifier
        await town.config("c1", {"email": {"recipients": ["u1"]}})
        async with asyncio.timeout(40):
            while not (await get(client, INBOX, recipient="u1"))["items"]:
                await asyncio.sleep(0.02)


async def test_what_cannot_be_folded_is_set_aside_and_the_rest_goes_on(town: Town, database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    with database.engine.begin() as connection:
        append(connection, [("good1", '{"title":"1"}'), ("bad", '{"title":"2"}'), ("good2", '{"title":"3"}')])
        connection.execute(emission.update().where(emission.c.id == "bad").values(body='{"title":'))
    await database.close()
    async with town.opened(database_url) as client:
        async with asyncio.timeout(40):
            while len((await get(client, NOTICES))["items"]) < 2:
                await asyncio.sleep(0.05)
        await post(client, {"id": "good3", "title": "4"})
        assert [one["id"] for one in (await get(client, NOTICES))["items"]] == ["good3", "good2", "good1"]


@pytest.mark.parametrize(
    ("backlog", "quiet", "expected"), [(1, 0.0, False), (500, 0.0, False), (5_000, 0.2, True), (5_000, 1.0, False)]
)
def test_folding_rests_only_in_a_flood(backlog: int, quiet: float, expected: bool) -> None:
    assert is_flood(backlog, quiet) == expected


def test_the_nearer_intake_is_to_saying_no_the_less_folding_rests() -> None:
    rests = [rest(0.01, backlog, 100_000) for backlog in (1_000, 50_000, 99_000, 100_000, 120_000)]
    assert rests == sorted(rests, reverse=True)
    assert rests[0] > 0.01
    assert rests[-2:] == [0.0, 0.0]


async def _topic(client: httpx2.AsyncClient) -> dict[str, Any]:
    items = (await get(client, "/api/v1/topics/inbox"))["items"]
    return {item["key"]: item["data"] for item in items}


async def _away(scope: Any, receive: Any, send: Any) -> None:
    raise OSError("the notifier is away")
