"""The stream over plain HTTP: the same frames, with no gap between one poll and the next."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from tests.notifier.conftest import BOOTSTRAP, Notifier, event

TOPIC = "host.mount"
PATH = "/api/v1/follow"


async def poll(
    notifier: Notifier, topics: dict[str, Any], wait: int = 0, token: str = BOOTSTRAP, **headers: str
) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}", **headers} if token else headers
    async with httpx2.AsyncClient(base_url=notifier.url, headers=headers, trust_env=False, timeout=40) as http:
        return await http.post(PATH, json={"topics": topics, "wait": wait})


async def frames(notifier: Notifier, topics: dict[str, Any], wait: int = 0) -> list[dict[str, Any]]:
    answer = await poll(notifier, topics, wait)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["frames"]
    return found


async def test_the_state_comes_first_and_then_what_changed_since(notifier: Notifier) -> None:
    await notifier.publish(event("a"))
    [snapshot] = await frames(notifier, {TOPIC: None}, wait=20)
    assert (snapshot["type"], [item["key"] for item in snapshot["items"]]) == ("snapshot", ["a"])
    cursor = snapshot["cursor"]
    assert await frames(notifier, {TOPIC: cursor}) == []
    await notifier.publish(event("b"), event("x", topic="other"), event("c"))
    changes = await frames(notifier, {TOPIC: cursor}, wait=20)
    assert [(one["type"], one["key"]) for one in changes] == [("event", "b"), ("event", "c")]


async def test_it_answers_when_something_happens(notifier: Notifier) -> None:
    [snapshot] = await frames(notifier, {TOPIC: None})
    waiting = asyncio.create_task(frames(notifier, {TOPIC: snapshot["cursor"], "other": snapshot["cursor"]}, wait=25))
    await followers(notifier, 1)
    assert await notifier.publish(event("now", topic="other")) == ["accepted"]
    assert [one["key"] for one in await waiting] == ["now"]
    await followers(notifier, 0)


async def followers(notifier: Notifier, count: int) -> None:
    async with asyncio.timeout(40):
        while await notifier.followers() != count:
            await asyncio.sleep(0.01)


async def test_polls_in_a_row_while_events_pour_in_have_no_gap_and_no_duplicate(notifier: Notifier) -> None:
    [snapshot] = await frames(notifier, {TOPIC: None})

    async def pour() -> None:
        for number in range(200):
            await notifier.publish(event(f"k{number}"))

    pouring = asyncio.create_task(pour())
    cursor, keys = snapshot["cursor"], []
    async with asyncio.timeout(30):
        while len(keys) < 200:
            heard = await frames(notifier, {TOPIC: cursor}, wait=5)
            keys += [one["key"] for one in heard]
            cursor = heard[-1]["cursor"] if heard else cursor
    await pouring
    assert keys == [f"k{number}" for number in range(200)]


async def test_a_cursor_that_cannot_be_resumed_gets_a_resync_and_the_state(notifier: Notifier) -> None:
    await notifier.publish(event("a"))
    resync, snapshot = await frames(notifier, {TOPIC: "another-epoch:7"})
    assert (resync["type"], resync["reason"]) == ("resync", "epoch")
    assert [item["key"] for item in snapshot["items"]] == ["a"]


async def test_a_topic_that_may_not_be_followed_is_an_error_beside_the_others(notifier: Notifier) -> None:
    await notifier.grant("ann", "inbox", recipient="ann")
    answer = await poll(notifier, {TOPIC: None, "inbox": None}, token="ann")
    kinds = {one["topic"]: (one["type"], one.get("code")) for one in answer.json()["frames"]}
    assert kinds == {TOPIC: ("error", "forbidden"), "inbox": ("snapshot", None)}


async def test_a_person_polls_their_own_inbox_only(notifier: Notifier) -> None:
    await notifier.grant("ann", "inbox", recipient="ann")
    await notifier.publish(event("ann/1", topic="inbox"), event("bob/1", topic="inbox"))
    answer = await poll(notifier, {"inbox": None}, token="ann")
    assert [item["key"] for item in answer.json()["frames"][0]["items"]] == ["ann/1"]


async def test_who_may_not_follow_is_told_so(notifier: Notifier) -> None:
    await notifier.grant("writer", "events:write")
    assert (await poll(notifier, {TOPIC: None}, token="unknown")).status_code == 401
    assert (await poll(notifier, {TOPIC: None}, token="writer")).status_code == 403
    assert (await poll(notifier, {TOPIC: None}, origin="https://evil.example")).status_code == 403
    assert (await poll(notifier, {}, token="")).status_code == 401


async def test_a_token_that_is_revoked_ends_the_poll(notifier: Notifier) -> None:
    await notifier.grant("ann", "events:read")
    cursor = (await poll(notifier, {TOPIC: None}, token="ann")).json()["frames"][0]["cursor"]
    waiting = asyncio.create_task(poll(notifier, {TOPIC: cursor}, wait=25, token="ann"))
    await followers(notifier, 1)
    await notifier.revoke("ann")
    assert (await waiting).status_code == 401


async def test_a_client_that_leaves_is_forgotten(notifier: Notifier) -> None:
    [snapshot] = await frames(notifier, {TOPIC: None})
    waiting = asyncio.create_task(frames(notifier, {TOPIC: snapshot["cursor"]}, wait=25))
    await followers(notifier, 1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await followers(notifier, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"topics": {"no spaces": None}}, "/topics"),
        ({"topics": {TOPIC: None}, "wait": 26}, "/wait"),
        ({"topics": {TOPIC: None}, "wait": -1}, "/wait"),
        ({"topics": {f"t{number}": None for number in range(101)}}, "/topics"),
        ({}, "/topics"),
    ],
)
async def test_a_wrong_question_names_the_field(notifier: Notifier, body: dict[str, Any], field: str) -> None:
    async with notifier.http() as http:
        answer = await http.post(PATH, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].startswith(field)
