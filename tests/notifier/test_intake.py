"""POST /api/v1/events: what is accepted, once, and what is refused, by name."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.front_door.test_hostile_bodies import HOSTILE, ROUTES
from tests.notifier.conftest import Notifier, event, running

URL = "/api/v1/events"


async def test_the_same_event_again_is_a_duplicate_and_changes_nothing(notifier: Notifier) -> None:
    first = event("a", id="e1", at="2026-11-20T10:00:00Z")
    assert await notifier.publish(first) == ["accepted"]
    async with notifier.http() as http:
        before = (await http.get("/api/v1/topics/host.mount")).json()
        assert await notifier.publish(first, {**first, "at": "2026-11-20T11:00:00+01:00"}) == ["duplicate"] * 2
        assert (await http.get("/api/v1/topics/host.mount")).json() == before


@pytest.mark.parametrize(
    "other", [{"data": {"used": 2}}, {"key": "b"}, {"action": "created"}, {"topic": "other"}, {"data": None}]
)
async def test_the_same_id_with_other_content_is_a_conflict_and_never_an_overwrite(
    notifier: Notifier, other: dict[str, Any]
) -> None:
    first = event("a", id="e1")
    await notifier.publish(first)
    async with notifier.http() as http:
        answer = await http.post(URL, json={**first, **other})
        assert answer.status_code == 409
        assert answer.json()["results"][0]["status"] == "conflict"
        state = (await http.get("/api/v1/topics/host.mount")).json()
    assert [item["data"] for item in state["items"]] == [{"used": 1}]


async def test_an_id_is_remembered_within_one_body_too(notifier: Notifier) -> None:
    same, other = event("a", id="e1"), event("b", id="e1")
    assert await notifier.publish(same, same, other) == ["accepted", "duplicate", "conflict"]


async def test_ndjson_costs_a_bad_line_only_itself(notifier: Notifier) -> None:
    lines = [json.dumps(event("a", id="e1")), "{oops", json.dumps({"topic": "x"}), json.dumps(event("b"))]
    async with notifier.http() as http:
        answer = await http.post(URL, content="\n".join(lines), headers={"content-type": "application/x-ndjson"})
    body = answer.json()
    assert answer.status_code == 207
    assert [result["status"] for result in body["results"]] == ["accepted", "rejected", "rejected", "accepted"]
    assert (body["accepted"], body["rejected"]) == (2, 2)
    assert body["results"][2]["errors"][0]["path"] == "/key"
    assert body["results"][3]["id"], "an id was minted"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"topic":"t","key":"k","data":{"a":NaN}}', "/data"),
        (b'{"topic":"t","key":"k","data":{"a":1e999}}', "/data"),
        (b'{"topic":"t","key":"k\\u0000"}', "/key"),
        (b'{"topic":"t","key":"k","data":{"a":"\\ud800"}}', "/data/a"),
        (b'{"topic":"t","key":"k","data":' + b'{"a":' * 40 + b"1" + b"}" * 41, ""),
        (b'{"topic":"t","key":"k","data":{"a":' + b"9" * 5000 + b"}}", ""),
        (b'{"topic":"t","key":"k","more":1}', "/more"),
        (b'{"topic":"t","key":"k","action":"gone"}', "/action"),
        (b'{"topic":"a b","key":"k"}', "/topic"),
        (b'{"topic":"t","key":""}', "/key"),
        (b'{"topic":"t","key":"k","action":"deleted","data":{}}', ""),
        (b"[1]", ""),
        (b"", ""),
        (b"\xff\xfe", ""),
        (b"[" * 100_000, ""),
    ],
)
async def test_unfit_events_are_named_and_never_a_crash(notifier: Notifier, body: bytes, path: str) -> None:
    async with notifier.http() as http:
        answer = await http.post(URL, content=body)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        [result] = answer.json()["results"]
        assert result["status"] == "rejected"
        assert path in [error["path"] for error in result["errors"]]
        assert (await http.get("/api/v1/topics/t")).json()["items"] == []


EVENTS = next(route for route in ROUTES if route.path == URL)


async def test_every_hostile_body_gets_the_same_verdict_on_both_databases(tmp_path: Path, database_url: str) -> None:
    async with running(tmp_path, database=database_url) as notifier, notifier.http() as http:
        for name, hostile in HOSTILE.items():
            answer = await http.post(URL, content=hostile.body(EVENTS), headers=dict(hostile.headers))
            assert answer.status_code in hostile.statuses, (name, answer.text[:300])
        assert (await http.get("/api/v1/topics/things")).json()["items"] == []
        assert (await http.post(URL, json=EVENTS.good())).status_code == 202


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/topics/%00", 422), ("/api/v1/topics/a%20b", 422), ("/api/v1/topics/%ED%A0%80", 422),
        ("/api/v1/topics/" + "a" * 121, 422), ("/api/v1/topics/../tokens", 404), ("/api/v1/topics/a?limit=0", 422),
        ("/api/v1/topics/a?limit=1001", 422), ("/api/v1/topics/a?next=" + "k" * 401, 422),
        ("/api/v1/topics/nobody.ever.wrote", 200), ("/api/v1/topics/a?next=%ED%A0%80", 200),
    ],
)  # fmt: skip
async def test_hostile_topics_get_the_same_answer_on_both_databases(
    tmp_path: Path, database_url: str, path: str, status: int
) -> None:
    async with running(tmp_path, database=database_url) as notifier, notifier.http() as http:
        answer = await http.get(path)
        assert answer.status_code == status, answer.text


async def test_a_page_that_begins_after_a_nul_is_refused_and_no_failure(tmp_path: Path, database_url: str) -> None:
    """PostgreSQL knows no NUL in a text; SQLite does."""
    async with running(tmp_path, database=database_url) as notifier, notifier.http() as http:
        assert (await http.get("/api/v1/topics/a?next=%00")).status_code == 422


async def test_a_body_over_the_limit_is_refused_before_it_is_read(notifier: Notifier) -> None:
    async with notifier.http() as http:
        answer = await http.post(URL, content=b" " * (16 * 1024 * 1024 + 1))
        assert answer.status_code == 413
        large = json.dumps(event("k", data={"a": "x" * 1024 * 1024}))
        assert (await http.post(URL, content=large)).status_code == 422


async def test_many_writers_at_once_get_one_order_and_lose_nothing(notifier: Notifier) -> None:
    async def writer(name: int) -> None:
        for number in range(20):
            assert await notifier.publish(event(f"{name}-{number}", id=f"{name}-{number}")) == ["accepted"]

    await asyncio.gather(*(writer(name) for name in range(10)))
    async with notifier.http() as http:
        page = (await http.get("/api/v1/topics/host.mount?limit=1000")).json()
    assert len(page["items"]) == 200
    assert page["cursor"].endswith(":200")


async def test_the_state_is_read_page_by_page(notifier: Notifier) -> None:
    keys = [f"k{number:03}" for number in range(25)]
    await notifier.publish(*(event(key) for key in keys), event("k003", action="deleted", data=None))
    found, cursor = [], ""
    async with notifier.http() as http:
        while cursor is not None:
            page = (await http.get("/api/v1/topics/host.mount", params={"limit": 7, "next": cursor})).json()
            found += [item["key"] for item in page["items"]]
            cursor = page["next"]
    assert found == [key for key in keys if key != "k003"]


async def test_a_thin_event_says_that_the_entity_exists_but_not_what_it_is(notifier: Notifier) -> None:
    await notifier.publish(event("a"), {"topic": "host.mount", "key": "a"})
    async with notifier.http() as http:
        [item] = (await http.get("/api/v1/topics/host.mount")).json()["items"]
    assert item["data"] is None
