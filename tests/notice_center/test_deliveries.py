"""What was sent to one person: their own for the person, anyone's for operators, and why nothing was sent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2

from tests.fakes.smtp import SmtpRecorder
from tests.msg_sender.conftest import open_sender
from tests.notice_center.conftest import INBOX, Town, get, post

DELIVERIES = f"{INBOX}/deliveries"


async def decided(client: httpx2.AsyncClient, recipient: str, count: int) -> list[dict[str, Any]]:
    """The first page, once it holds so many."""
    async with asyncio.timeout(40):
        while len(items := (await get(client, DELIVERIES, recipient=recipient))["items"]) < count:
            await asyncio.sleep(0.02)
    return list(items)


async def prepare(town: Town) -> None:
    for name in ("ann", "bob"):
        await town.recipient(name, email=f"{name}@x.test")
    await town.config(
        "c1", {"email": {"recipients": ["ann", "bob"], "after": "0"}, "telegram": {"recipients": ["ann"], "after": "0"}}
    )


async def test_each_delivery_says_what_became_of_it_or_why_there_is_none(
    town: Town, database_url: str, tmp_path: Path
) -> None:
    await prepare(town)
    with SmtpRecorder() as mail:
        sections = {"email": {"url": mail.url, "from": "a@example.org"}}
        sender_url = f"sqlite:///{tmp_path}/sender.db"
        async with open_sender(sender_url, tmp_path, sections) as sender, town.opened(database_url) as client:
            town.sender = sender.app
            await post(client, {"id": "n", "alert": "disk", "key": "k", "title": "91 %", "severity": "error"})
            items = {one["channel"]: one for one in await decided(client, "ann", 2)}
            assert set(items) == {"email", "telegram"}
            sent = items["email"]
            assert (sent["verdict"], sent["reason"], sent["address"]) == ("send", "unread", "ann@x.test")
            assert (sent["notice"], sent["title"], sent["alert"], sent["key"]) == ("n", "91 %", "disk", "k")
            assert (items["telegram"]["reason"], items["telegram"]["message"]) == ("no_address", None)
            assert (await sender.settled(sent["message"]["id"]))["status"] == "sent"
            after = await decided(client, "ann", 2)
            message = next(one["message"] for one in after if one["channel"] == "email")
            assert (message["status"], message["finished_at"] is not None) == ("sent", True)


async def test_it_is_the_person_s_own_and_an_operator_s_to_see(town: Town, database_url: str) -> None:
    await prepare(town)
    ann, bob = [await town.token("inbox", recipient=name) for name in ("ann", "bob")]
    async with town.opened(database_url) as client, town.client(ann) as mine, town.client(bob) as other:
        await post(client, {"id": "n", "alert": "disk", "title": "t"})
        assert [one["address"] for one in await decided(client, "bob", 1)] == ["bob@x.test"]
        async with asyncio.timeout(40):
            while (answer := await mine.get(DELIVERIES)).status_code != 200 or (
                await other.get(INBOX)
            ).status_code != 200:
                await asyncio.sleep(0.02)
        assert "bob" not in answer.text
        assert (await other.get(DELIVERIES, params={"recipient": "ann"})).status_code == 403


async def test_pages_go_back_in_time_and_can_be_filtered(town: Town, database_url: str) -> None:
    await prepare(town)
    async with town.opened(database_url) as client:
        for number in range(5):
            await post(client, {"id": f"n{number}", "alert": "disk", "title": "t"})
        await decided(client, "ann", 10)
        seen, cursor = [], ""
        while cursor is not None:
            query = {"limit": 2, "verdict": "send", **({"next": cursor} if cursor else {})}
            page = await get(client, DELIVERIES, recipient="ann", **query)
            seen += [one["notice"] for one in page["items"]]
            cursor = page["next"]
        assert sorted(seen) == [f"n{number}" for number in range(5)]
        skipped = await get(client, DELIVERIES, recipient="ann", channel="telegram")
        assert {one["reason"] for one in skipped["items"]} == {"no_address"}
        town.sender.down = True
        away = await get(client, DELIVERIES, recipient="ann", verdict="send")
        assert "msg_sender cannot be asked" in away["missing"]
        assert {one["message"]["status"] for one in away["items"]} == {None}
