"""What operators ask and do: find messages, send dead ones anew by a filter, see how the channels fare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from msg_sender import message_store
from msg_sender.client import MsgSenderClient
from service_kit.peer import Peer
from service_kit.secrets import Secret
from tests.fakes.smtp import SmtpRecorder
from tests.msg_sender.conftest import BOOTSTRAP, Sender, open_sender

MESSAGES = "/api/v1/messages"


async def listed(sender: Sender, **query: Any) -> list[str]:
    answer = await sender.http.get(MESSAGES, params=query)
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["items"]]


async def dead(sender: Sender, *titles: str, **more: str) -> list[dict[str, Any]]:
    names = [await sender.post(**{"channel": "email", "to": "ann@example.org", "title": one, **more}) for one in titles]
    return [await sender.settled(name, status=("dead",)) for name in names]


async def replay(sender: Sender, **order: Any) -> dict[str, Any]:
    answer = await sender.http.post(f"{MESSAGES}/replay", json=order)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_text_finds_address_and_title_whatever_its_case(database_url: str, tmp_path: Path) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        await dead(sender, "Диск полон", "100% busy")
        await dead(sender, "Other", to="bob@example.org")
        assert await listed(sender, q="ДИСК") == ["Диск полон"]
        assert await listed(sender, q="0% b") == ["100% busy"]
        assert await listed(sender, q="%") == ["100% busy"], "a wildcard is a letter like any other"
        assert await listed(sender, q="BOB@") == ["Other"]
        assert await listed(sender, q="example", channel="telegram") == []


@pytest.mark.parametrize("window", [1, 2, 5, 20_000])
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_a_text_is_found_however_little_one_request_looks_at(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: int, order: str
) -> None:
    monkeypatch.setattr(message_store, "WINDOW", window)
    async with open_sender(sqlite_url, tmp_path) as sender:
        for number in range(7):
            title = "needle" if number in (0, 3) else "hay"
            await sender.post(channel="email", to="a@example.org", id=f"m{number}", title=title)
        found, cursor = [], ""
        while cursor is not None:
            query = {"q": "needle", "order": order, "limit": 1, **({"next": cursor} if cursor else {})}
            page = (await sender.http.get("/api/v1/messages", params=query)).json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next"]
        assert found == (["m0", "m3"] if order == "asc" else ["m3", "m0"])


async def test_messages_are_asked_for_by_their_ids(database_url: str, tmp_path: Path) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        for number in range(4):
            await sender.post(channel="email", to="a@example.org", id=f"m{number}")
        answer = await sender.http.get("/api/v1/messages", params={"id": ["m1", "m3", "absent"]})
        assert [one["id"] for one in answer.json()["items"]] == ["m3", "m1"]
        assert (await sender.http.get("/api/v1/messages", params={"id": ["x"] * 101})).status_code == 422
        client = MsgSenderClient(Peer("http://sender", Secret(BOOTSTRAP), sender.app))
        given = [f"m{number}" for number in range(4)] + [f"absent-{number}" for number in range(120)]
        assert sorted(one["id"] for one in await client.of_ids(given)) == ["m0", "m1", "m2", "m3"]
        assert await client.of_ids([]) == []
        await client.close()


async def test_a_secret_in_an_address_cannot_be_searched_for(sqlite_url: str, tmp_path: Path) -> None:
    async with open_sender(sqlite_url, tmp_path) as sender:
        await dead(sender, "T", channel="webhook", to="https://ann:hunter2@example.org/x")
        assert await listed(sender, q="hunter") == []
        assert await listed(sender, q="example.org") == ["T"]


async def test_times_choose_from_and_until(database_url: str, tmp_path: Path) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        first, second, third = await dead(sender, "one", "two", "three")
        assert await listed(sender, since=second["accepted_at"]) == ["three", "two"]
        assert await listed(sender, until=second["accepted_at"]) == ["one"]
        assert await listed(sender, since=second["accepted_at"], until=third["accepted_at"]) == ["two"]
        assert first["accepted_at"] < second["accepted_at"]
        assert (await sender.http.get(MESSAGES, params={"since": "yesterday"})).status_code == 422


async def test_a_replay_says_first_what_it_would_do_and_then_does_exactly_that(
    database_url: str, tmp_path: Path, smtp: SmtpRecorder
) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        await dead(sender, "one", "two")
        await dead(sender, "three", to="bob@example.org")
        plan = await replay(sender, channel="email", dry_run=True)
        assert (plan["count"], plan["destinations"], plan["uncertain"], plan["replayed"]) == (3, 2, 0, 0)
        assert plan["channels"] == [{"name": "email", "configured": False, "count": 3}]
        await dead(sender, "four")
    settings = {"email": {"url": smtp.url}}
    async with open_sender(database_url, tmp_path, settings) as sender:
        order = {"channel": "email", "as_of": plan["as_of"]}
        wrong = await sender.http.post(f"{MESSAGES}/replay", json={**order, "expected": 2})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "other-count")
        assert "3 dead messages now, not 2" in wrong.json()["detail"]
        done = await replay(sender, **order, expected=3)
        assert (done["replayed"], done["channels"][0]["configured"]) == (3, True)
        for one in (await sender.http.get(MESSAGES, params={"q": "o"})).json()["items"]:
            status = (await sender.settled(one["id"]))["status"]
            assert status == ("dead" if one["title"] == "four" else "sent"), "what died later stays dead"
        assert (await replay(sender, dry_run=True))["count"] == 1
    assert len(smtp.mails) == 3


async def test_a_replay_is_bounded(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msg_sender.replay.MAX_REPLAY", 1)
    async with open_sender(sqlite_url, tmp_path) as sender:
        await dead(sender, "one", "two")
        assert (await replay(sender, dry_run=True))["limit"] == 1
        many = await sender.http.post(f"{MESSAGES}/replay", json={})
        assert many.status_code == 422
        assert "a narrower choice: 2 messages" in many.json()["detail"]
        assert (await replay(sender, q="two"))["replayed"] == 1


async def test_the_health_of_a_channel_tells_what_waits_and_how_attempts_ended(
    database_url: str, tmp_path: Path, smtp: SmtpRecorder
) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        await dead(sender, "one")
    settings = {"email": {"url": smtp.url}}
    async with open_sender(database_url, tmp_path, settings) as sender:
        names = [await sender.post(channel="email", to="ann@example.org") for _ in range(3)]
        for name in names:
            await sender.settled(name, status=("sent",))
        answer = (await sender.http.get("/api/v1/channels")).json()
        email, telegram, _ = answer["items"]
        assert (email["configured"], email["pending"], email["dead"]) == (True, 0, 1)
        recent = email["recent"]
        assert (recent["sent"], recent["failed"], recent["success_rate"]) == (3, 1, 0.75)
        assert recent["since"] < email["last_failure_at"] < email["last_success_at"] < answer["as_of"]
        assert "not configured" in email["last_error"]
        assert (telegram["recent"]["success_rate"], telegram["oldest_waiting_at"]) == (None, None)
        assert telegram["reason"] == "channel telegram is not configured: set [telegram] token"


async def test_who_waits_is_told_with_since_when(sqlite_url: str, tmp_path: Path) -> None:
    settings = {"email": {"url": "smtp://127.0.0.1:1"}}
    async with open_sender(sqlite_url, tmp_path, settings) as sender:
        name = await sender.post(channel="email", to="ann@example.org")
        waiting = await sender.settled(name, status=("pending",))
        email = (await sender.http.get("/api/v1/channels")).json()["items"][0]
        assert email["pending"] + email["sending"] == 1
        assert email["oldest_waiting_at"] == waiting["accepted_at"]
