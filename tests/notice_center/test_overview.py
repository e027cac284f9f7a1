"""The overview: its figures are those of what was posted, read and decided."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from notice_center import overview_store
from notice_center.overview import step_of, window_of
from notice_center.overview_store import Window
from service_kit.problems import Invalid
from tests.notice_center.conftest import INBOX, Town, get, post
from wire.times import rfc3339

OVERVIEW = "/api/v1/overview"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def read(client: httpx2.AsyncClient, who: str, notice: str) -> None:
    answer = await client.post(f"{INBOX}/{notice}/read", params={"recipient": who})
    assert answer.status_code == 200, answer.text


def line(found: Mapping[str, Any], alert: str) -> dict[str, Any]:
    own: dict[str, Any] = next(one for one in found["by_alert"] if one["alert"] == alert)
    return own


async def test_figures_are_those_of_what_was_posted(center: httpx2.AsyncClient) -> None:
    await post(
        center,
        *({"alert": "disk", "title": f"D{n}", "severity": "warning", "recipients": ["ann", "bob"]} for n in range(3)),
        {"id": "m", "alert": "memory", "title": "M", "severity": "critical", "recipients": ["ann"]},
        {"alert": "memory", "key": "k", "title": "again", "severity": "error", "recipients": ["ann"]},
        {"alert": "memory", "key": "k", "title": "again", "severity": "error", "recipients": ["ann"]},
    )
    await read(center, "ann", "m")
    found = await get(center, OVERVIEW)
    assert found["notices"] == 5, "what repeats an open notice is not another one"
    assert {name: sum(counts) for name, counts in found["by_severity"].items()} == {
        "info": 0, "success": 0, "warning": 3, "error": 1, "critical": 1,
    }  # fmt: skip
    assert [(one["alert"], one["notices"], one["entries"], one["read_rate"]) for one in found["by_alert"]] == [
        ("disk", 3, 6, 0.0), ("memory", 2, 2, 0.5),
    ]  # fmt: skip
    reading = found["reading"]
    assert (reading["entries"], reading["read"], reading["read_rate"]) == (8, 1, 0.125)
    assert 0 <= reading["median_seconds"] < 60
    assert reading["never_read"] == 4
    assert [(one["severity"], one["title"], one["recipients"]) for one in found["never_read"]] == [
        ("error", "again", 1), ("warning", "D2", 2), ("warning", "D1", 2), ("warning", "D0", 2),
    ]  # fmt: skip


async def test_of_very_many_notices_the_newest_tell_who_reads(
    center: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await post(center, *({"id": f"n{n}", "alert": "disk", "title": f"T{n}", "recipients": ["ann"]} for n in range(6)))
    for name in ("n0", "n4"):
        await read(center, "ann", name)
    for most, exact, entries, unread in ((5, False, 5, 4), (6, True, 6, 4), (7, True, 6, 4), (2, False, 2, 1)):
        monkeypatch.setattr(overview_store, "READING_OF", most)
        found = await get(center, OVERVIEW)
        reading = found["reading"]
        assert (reading["exact"], reading["entries"], reading["read"], reading["never_read"]) == (
            exact, entries, entries - unread, unread,
        )  # fmt: skip
        assert (found["notices"], line(found, "disk")["entries"]) == (6, entries), "what was said is counted in full"
        assert [one["id"] for one in found["never_read"]] == [f"n{n}" for n in (5, 3, 2, 1)[:unread]]


async def test_buckets_begin_where_it_was_asked_and_hold_each_notice_once(center: httpx2.AsyncClient) -> None:
    for name in ("one", "two"):
        await post(center, {"id": name, "title": name})
    one = datetime.fromisoformat((await get(center, "/api/v1/notices/one"))["created_at"])
    asked = {"since": rfc3339(one), "until": rfc3339(one + timedelta(minutes=3)), "step": "1m"}
    found = await get(center, OVERVIEW, **asked)
    assert found["starts"] == [rfc3339(one + timedelta(minutes=n)) for n in range(3)]
    assert found["by_severity"]["info"] == [2, 0, 0]
    shifted = {"since": rfc3339(one - timedelta(minutes=2)), "until": rfc3339(one), "step": "1m"}
    assert (await get(center, OVERVIEW, **shifted))["notices"] == 0, "the end is outside"


async def test_a_day_of_nothing_is_a_day_of_zeros(center: httpx2.AsyncClient) -> None:
    found = await get(center, OVERVIEW)
    assert (found["notices"], found["by_alert"], found["never_read"]) == (0, [], [])
    assert found["reading"]["read_rate"] is None
    assert found["reading"]["median_seconds"] is None
    assert found["step"] == "30m" or len(found["starts"]) == len(found["by_severity"]["info"]) > 1


async def test_what_was_put_away_is_not_waiting_for_a_reader(center: httpx2.AsyncClient) -> None:
    await post(center, {"id": "n", "title": "T", "recipients": ["ann"]})
    await center.post(f"{INBOX}/n/archive", params={"recipient": "ann"})
    reading = (await get(center, OVERVIEW))["reading"]
    assert (reading["read"], reading["never_read"]) == (0, 0)


async def test_many_alerts_share_a_line(center: httpx2.AsyncClient) -> None:
    await post(center, *({"alert": f"a{n}", "title": "T"} for n in range(10)), {"alert": "a9", "title": "T"})
    lines = (await get(center, OVERVIEW))["by_alert"]
    assert [lines[0]["alert"], lines[-1]["alert"], len(lines)] == ["a9", None, 9]
    assert lines[-1]["notices"] == sum(lines[-1]["counts"]) == 2


async def test_messages_that_nobody_needed_are_counted(town: Town, database_url: str) -> None:
    await town.recipient("ann", email="ann@x.test")
    await town.config("c1", {"panel": {"recipients": ["ann"]}, "email": {"recipients": ["ann"], "after": "1s"}})
    async with town.opened(database_url) as client:
        await post(client, {"id": "seen", "alert": "disk", "title": "T"}, {"id": "not", "alert": "disk", "title": "T"})
        await read(client, "ann", "seen")
        async with asyncio.timeout(40):
            while len((found := await get(client, OVERVIEW))["decisions"]) < 2:
                await asyncio.sleep(0.05)
        assert found["skipped_because_read"] == 1
        assert {"verdict": "send", "reason": "unread", "count": 1} in found["decisions"]


async def test_the_median_is_the_middle_one(center: httpx2.AsyncClient) -> None:
    await post(center, *({"id": f"n{n}", "title": "T", "recipients": ["ann"]} for n in range(3)))
    for n in (0, 1):
        await read(center, "ann", f"n{n}")
    marks = [(await get(center, f"{INBOX}/n{n}", recipient="ann")) for n in (0, 1)]
    waits = [datetime.fromisoformat(one["read_at"]) - datetime.fromisoformat(one["created_at"]) for one in marks]
    assert (await get(center, OVERVIEW))["reading"]["median_seconds"] == min(waits).total_seconds()


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"since": "2026-11-20T12:00:00Z", "until": "2026-11-20T12:00:00Z"}, "/since"),
        ({"since": "2024-11-20T12:00:00Z", "until": "2026-11-20T12:00:00Z"}, "/since"),
        ({"since": "2026-11-19T12:00:00Z", "until": "2026-11-20T12:00:00Z", "step": "1m"}, "/step"),
        ({"step": "0"}, "/step"),
        ({"step": "soon"}, "/query/step"),
        ({"since": "yesterday"}, "/query/since"),
    ],
    ids=["empty", "long", "fine", "zero", "words", "no time"],
)
async def test_a_wrong_window_names_what_is_wrong(center: httpx2.AsyncClient, query: dict[str, str], path: str) -> None:
    answer = await center.get(OVERVIEW, params=query)
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == [path]


def test_a_step_is_one_that_people_think_in() -> None:
    def chosen(length: timedelta) -> timedelta:
        return step_of(None, Window(NOON - length, NOON))

    assert chosen(timedelta(hours=1)) == timedelta(minutes=1)
    assert chosen(timedelta(days=1)) == timedelta(hours=1)
    assert chosen(timedelta(days=7)) == timedelta(hours=3)
    assert chosen(timedelta(days=30)) == timedelta(days=1)
    assert chosen(timedelta(days=366)) == timedelta(days=7)


def test_without_words_it_is_the_last_day() -> None:
    assert window_of(None, None, NOON) == Window(NOON - timedelta(days=1), NOON)
    with pytest.raises(Invalid):
        window_of(NOON, NOON - timedelta(days=1), NOON)
    assert overview_store.MEDIAN_OF >= 1000
