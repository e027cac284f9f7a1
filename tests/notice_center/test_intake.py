"""POST /api/v1/notices: every item gets its verdict, the same on both databases; what is accepted is stored once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import pytest

from notice_center.app import MIGRATIONS
from notice_center.emissions import append
from service_kit.database import open_database
from tests.notice_center.conftest import NOTICES, Town, get, post

LINES = {"content-type": "application/x-ndjson"}


async def test_each_item_gets_its_own_verdict_in_order(center: httpx2.AsyncClient) -> None:
    await post(center, {"id": "old", "title": "a"})
    lines = [
        '{"id":"new","title":"a"}',
        "{broken",
        '{"id":"old","title":"a"}',
        '{"id":"old","title":"b"}',
        '{"id":"x"}',
    ]
    answer = await center.post(NOTICES, content="\n".join(lines), headers=LINES)
    assert answer.status_code == 207
    results = answer.json()["results"]
    assert [(one["id"], one["status"]) for one in results] == [
        ("new", "accepted"), (None, "rejected"), ("old", "duplicate"), ("old", "conflict"), ("x", "rejected"),
    ]  # fmt: skip
    assert results[4]["errors"][0]["message"] == "expected at least one of title, message, key"
    assert [answer.json()[name] for name in ("accepted", "duplicate", "conflict", "rejected")] == [1, 1, 1, 2]


async def test_an_item_without_an_id_gets_one_and_is_found_by_it(center: httpx2.AsyncClient) -> None:
    answer = await center.post(NOTICES, json={"title": "hello", "priority": 5, "body": "x", "click": "https://x.test/"})
    assert answer.status_code == 202
    found = await get(center, f"{NOTICES}/{answer.json()['results'][0]['id']}")
    assert (found["severity"], found["message"], found["url"]) == ("critical", "x", "https://x.test/")


async def test_a_hundred_parallel_posts_of_one_id_store_one(center: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(center.post(NOTICES, json={"id": "one", "title": "t"}) for _ in range(100)))
    statuses = [answer.json()["results"][0]["status"] for answer in answers]
    assert (statuses.count("accepted"), statuses.count("duplicate")) == (1, 99)
    assert len((await get(center, NOTICES))["items"]) == 1


async def test_parallel_posts_of_one_id_with_other_content_keep_the_first(center: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(center.post(NOTICES, json={"id": "one", "title": f"t{n}"}) for n in range(20)))
    won = [number for number, answer in enumerate(answers) if answer.status_code == 202]
    assert len(won) == 1
    assert {answer.status_code for answer in answers} == {202, 409}
    assert [one["title"] for one in (await get(center, NOTICES))["items"]] == [f"t{won[0]}"]


async def test_order_of_keys_white_space_and_aliases_make_no_conflict(center: httpx2.AsyncClient) -> None:
    for text in ('{"id":"i","title":"t","message":"m"}', '{ "body":"m","title":"t", "id":"i" }'):
        answer = await center.post(NOTICES, content=text)
        assert answer.status_code == 202, answer.text
    assert answer.json()["duplicate"] == 1


async def test_an_id_twice_in_one_body_is_judged_within_it(center: httpx2.AsyncClient) -> None:
    three = [{"id": "i", "title": "t"}, {"id": "i", "title": "t"}, {"id": "i", "title": "other"}]
    answer = await center.post(NOTICES, json=three)
    assert [one["status"] for one in answer.json()["results"]] == ["accepted", "duplicate", "conflict"]


async def test_a_thousand_lines_are_stored_in_their_order(center: httpx2.AsyncClient) -> None:
    await post(center, *({"id": f"n{number}", "title": str(number)} for number in range(1001)))
    page = await get(center, NOTICES, limit=200)
    assert [one["title"] for one in page["items"]] == [str(number) for number in range(1000, 800, -1)]


#: What arrives, and the verdict: the same on both databases. None: accepted.
HOSTILE: list[tuple[bytes, str | None]] = [
    (b'{"title":"\x00"}', ""),
    (b'{"title":"a\\u0000b"}', "/title"),
    (b'{"title":"\\ud800"}', "/title"),
    (b'{"title":"ok","data":{"x":"\\udc00"}}', "/data/x"),
    (b'{"title":"ok","data":{"a\\u0000":1}}', "/data"),
    (b'{"title":"\xff"}', ""),
    (b'{"title":"\xed\xa0\x80"}', ""),
    (b'{"title":"ok","data":{"x":NaN}}', ""),
    (b'{"title":"ok","data":{"x":-Infinity}}', ""),
    (b'{"title":"ok","data":{"x":1e999}}', ""),
    (b'{"title":"ok","data":' + b'{"a":' * 100 + b"1" + b"}" * 101, ""),
    (b'{"title":"ok","data":{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}}", ""),
    (b'{"title":"ok","data":{"x":' + b"9" * 5000 + b"}}", ""),
    (b'{"title":"ok","data":{"x":' + b"9" * 4000 + b"}}", None),
    (b'{"title":"ok","data":{"x":9223372036854775808}}', None),
    (b'{"title":7}', "/title"),
    (b'{"title":"ok","severity":"loud"}', "/severity"),
    (b'{"title":"ok","severity":9}', "/severity"),
    (b'{"title":"ok","severity":true}', "/severity"),
    (b'{"title":"ok","status":"open"}', "/status"),
    (b'{"title":"ok","recipients":["a/b"]}', "/recipients/0"),
    (b'{"title":"ok","recipients":"u1"}', "/recipients"),
    (b'{"title":"ok","labels":{"a":1}}', "/labels/a"),
    (b'{"title":"ok","url":"javascript:alert(1)"}', "/url"),
    (b'{"title":"ok","starts_at":"yesterday"}', "/starts_at"),
    (b'{"title":"ok","starts_at":"2026-11-20T09:00:00"}', "/starts_at"),
    (b'{"title":"ok","number":1}', "/number"),
    (b'{"title":"ok","id":"has space"}', "/id"),
    (b'{"title":"ok","id":"' + b"i" * 201 + b'"}', "/id"),
    (b'{"title":"' + b"t" * 1001 + b'"}', "/title"),
    (b'{"id":"only-an-id"}', ""),
    (b'{"title":"ok"}}', ""),
    (b'"text"', ""),
    (b"null", ""),
    (b"{}", ""),
    (b"", ""),
    (b'{"title":"first","title":"last"}', None),
    ('{"title":"\u202egnp.exe \U0001f4a5 \u0416"}'.encode(), None),
    (b'{"title":"ok","starts_at":"0001-01-01T00:00:00Z","ends_at":"9999-12-31T23:59:59Z"}', None),
    (b'{"title":"ok","starts_at":"0001-01-01T00:00:00+14:00"}', "/starts_at"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "path"), HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_input_gets_a_clear_verdict(center: httpx2.AsyncClient, body: bytes, path: str | None) -> None:
    answer = await center.post(NOTICES, content=body, headers={"content-type": "application/json"})
    if path is None:
        assert answer.status_code == 202, answer.text
        found = await get(center, f"{NOTICES}/{answer.json()['results'][0]['id']}")
        assert found["title"]
        return
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert any(error["path"].startswith(path) and error["message"] for error in answer.json()["errors"]), answer.text


async def test_hostile_lines_cost_only_themselves(center: httpx2.AsyncClient) -> None:
    lines = [body for body, _ in HOSTILE if body and b"\n" not in body]
    answer = await center.post(NOTICES, content=b"\n".join(lines), headers=LINES)
    assert answer.status_code == 207
    taken = [one["status"] == "accepted" for one in answer.json()["results"]]
    assert taken == [path is None for body, path in HOSTILE if body]


async def test_bodies_and_items_over_the_limit_are_refused(center: httpx2.AsyncClient) -> None:
    large = {"title": "t", "data": {"x": "y" * 1024 * 1024}}
    answer = await center.post(NOTICES, json=large)
    assert answer.status_code == 422
    assert "at most 1048576 bytes" in answer.json()["errors"][0]["message"]
    assert (await center.post(NOTICES, content=b" " * (16 * 1024 * 1024 + 1))).status_code == 413


async def test_when_too_much_waits_producers_are_asked_to_come_back(town: Town, database_url: str) -> None:
    notifier, town.notifier = town.notifier, _away  # without configs nothing is folded
    async with town.opened(database_url, max_backlog=1000) as client:
        await post(client, *({"title": "t"} for _ in range(1001)))
        answer = await client.post(NOTICES, json={"title": "one more"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        town.notifier = notifier


async def test_a_lost_answer_and_a_second_try_after_a_restart_store_one(town: Town, database_url: str) -> None:
    for status in ("accepted", "duplicate"):
        async with town.opened(database_url) as client:
            answer = await post(client, {"id": "i", "title": "t"})
            assert answer.json()["results"] == [{"id": "i", "status": status}]


def test_numbers_go_on_in_commit_order_and_groups_larger_than_a_statement_work(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    try:
        with database.engine.begin() as connection:
            first = append(connection, [(f"a{n}", json.dumps({"title": "t"})) for n in range(777)])
            second = append(connection, [("a5", "{}"), ("b", '{"title":"x"}'), ("b", '{"title":"x"}')])
        assert (first.statuses, first.last) == (["accepted"] * 777, 777)
        assert second.statuses == ["conflict", "accepted", "duplicate"]
        assert second.last == 779
    finally:
        asyncio.run(database.close())


async def _away(scope: Any, receive: Any, send: Any) -> None:
    raise OSError("the notifier is away")
