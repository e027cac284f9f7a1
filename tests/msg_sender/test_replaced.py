"""A message that replaces an earlier one: it goes behind that one, and changes it where the channel can."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from msg_sender import retry
from tests.fakes.bot_api import BotApi, Scripted, refused
from tests.fakes.provider import Provider
from tests.fakes.smtp import SmtpRecorder
from tests.msg_sender.conftest import Sender, open_sender, telegram, until

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHAT = {"channel": "telegram", "to": "42"}


@pytest.fixture(autouse=True)
def retried_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST", timedelta(0))


async def waits(sender: Sender, message_id: str, for_id: str) -> None:
    """Until it is known that it waits."""

    async def look() -> bool:
        return (await sender.get(message_id))["reason"] == f"it waits for {for_id} to go first"

    await until(look)


async def test_the_text_and_the_buttons_are_changed_in_place(database_url: str, tmp_path: Path, bot: BotApi) -> None:
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        first = await sender.post(**CHAT, message="one", url="https://x.example")
        second = await sender.post(
            **CHAT, message="**two**", replaces=first, buttons=[{"label": "Log", "url": "https://y.example"}],
            attachments=[{"name": "a.log", "content": "YQ=="}],
        )  # fmt: skip
        third = await sender.post(**CHAT, message="three", replaces=first)
        found = [await sender.settled(one) for one in (first, second, third)]
    assert [one["attempts"][-1]["reference"] for one in found] == ["1", "1", "1"]
    assert [one.get("replaces") for one in found] == [None, first, first]
    text, file = bot.sent
    assert (text["text"], file["document"]["name"]) == ("ℹ️ Disk full\n\none", "a.log")
    change, last = bot.edited
    assert (change["chat_id"], change["message_id"], change["text"]) == (42, 1, "ℹ️ Disk full\n\ntwo")
    assert [one["type"] for one in change["entities"]] == ["bold", "bold"]
    assert change["reply_markup"]["inline_keyboard"] == [[{"text": "Log", "url": "https://y.example"}]]
    assert bot.shown["42", 1] == last, "the latest stands"
    assert "reply_markup" not in last, "buttons that it does not have are taken away"


@pytest.mark.parametrize(
    "place", [{"to": "43"}, {"channel": "webhook", "to": "http://127.0.0.1:1/"}], ids=["address", "channel"]
)
async def test_only_a_message_of_the_same_channel_and_address_is_changed(
    database_url: str, tmp_path: Path, bot: BotApi, place: dict[str, Any]
) -> None:
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        first = await sender.post(**{**CHAT, **place}, message="one")
        await sender.settled(first)
        second = await sender.settled(await sender.post(**CHAT, message="two", replaces=first))
    assert second["status"] == "sent"
    assert bot.sent[-1]["text"].endswith("two")
    assert bot.edited == []


async def test_what_was_never_sent_is_not_waited_for(database_url: str, tmp_path: Path, bot: BotApi) -> None:
    bot.script.append(refused(403, "Forbidden: bot was blocked by the user"))
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        dead = await sender.post(**CHAT, message="one")
        assert (await sender.settled(dead))["status"] == "dead"
        for name in (dead, "unknown"):
            found = await sender.settled(await sender.post(**CHAT, message=name, replaces=name))
            assert found["status"] == "sent"
    assert [one["text"].partition("\n\n")[2] for one in bot.sent] == [dead, "unknown"]
    assert bot.edited == []


async def test_it_waits_for_what_is_not_sent_yet_and_says_so(database_url: str, tmp_path: Path, bot: BotApi) -> None:
    gate = asyncio.Event()
    bot.script.append(Scripted(503, wait=gate))
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        first = await sender.post(**CHAT, message="one")
        second = await sender.post(**CHAT, message="two", replaces=first)
        await waits(sender, second, first)
        gate.set()
        found = [await sender.settled(one) for one in (first, second)]
    assert [len(one["attempts"]) for one in found] == [2, 1]
    assert found[1]["reason"] is None
    assert [one["text"] for one in bot.sent] == ["ℹ️ Disk full\n\none"]
    assert [one["text"] for one in bot.edited] == ["ℹ️ Disk full\n\ntwo"]


async def test_edits_of_one_message_go_in_order(database_url: str, tmp_path: Path, bot: BotApi) -> None:
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        first = await sender.post(**CHAT, message="one")
        await sender.settled(first)
        gate = asyncio.Event()
        bot.script.append(Scripted(503, wait=gate))
        await sender.post(**CHAT, message="two", replaces=first)
        third = await sender.post(**CHAT, message="three", replaces=first)
        await waits(sender, third, first)
        gate.set()
        await sender.settled(third)
    assert [one["text"].partition("\n\n")[2] for one in bot.edited] == ["two", "three"]


async def test_it_waits_no_longer_than_its_patience(
    database_url: str, tmp_path: Path, bot: BotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()
    bot.script.append(Scripted(503, wait=gate))
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        first = await sender.post(**CHAT, message="one")
        second = await sender.post(**CHAT, message="two", replaces=first)
        await waits(sender, second, first)
        monkeypatch.setattr(retry, "PATIENCE", timedelta(0))
        assert (await sender.settled(second))["status"] == "sent"
        assert (await sender.get(first))["status"] != "sent"
        gate.set()
    assert bot.sent[0]["text"].endswith("two")


async def test_a_chain_of_edits_leads_to_the_same_message(database_url: str, tmp_path: Path, bot: BotApi) -> None:
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        last: str | None = None
        for word in ("one", "two", "three"):
            last = await sender.post(**CHAT, message=word, **({"replaces": last} if last else {}))
        assert last
        await sender.settled(last)
    assert [one["message_id"] for one in bot.edited] == [1, 1]
    assert bot.shown["42", 1]["text"].endswith("three")


async def test_a_mail_answers_the_one_that_it_replaces(database_url: str, tmp_path: Path, smtp: SmtpRecorder) -> None:
    sections = {"email": {"url": smtp.url, "from": "alerts@example.org"}}
    async with open_sender(database_url, tmp_path, sections) as sender:
        place = {"channel": "email", "to": "ann@example.org"}
        first = await sender.post(**place)
        await sender.settled(first)
        for more in ({"replaces": first}, {"replaces": first, "in_reply_to": "a1"}, {"replaces": "unknown"}):
            await sender.settled(await sender.post(**place, **more))
    _, second, third, fourth = (mail.message for mail in smtp.mails)
    assert second["In-Reply-To"] == second["References"] == f"<{first}@example.org>"
    assert third["In-Reply-To"] == second["Message-ID"], "what replaced it last is what the reader has"
    assert third["References"].split() == ["<a1@example.org>", second["Message-ID"]]
    assert fourth["In-Reply-To"] is None


async def test_a_webhook_gets_the_id(database_url: str, tmp_path: Path) -> None:
    async with Provider() as provider:
        sections = {"webhook": {"secrets": "whsec_" + "A" * 32}}
        async with open_sender(
            database_url, tmp_path, sections, egress={"allow": [f"127.0.0.1:{provider.port}"]}
        ) as sender:
            for more in ({"id": "m1"}, {"id": "m2", "replaces": "m1"}):
                await sender.settled(await sender.post(channel="webhook", to=provider.url, **more))
    told = [json.loads(request.body)["data"] for request in provider.requests]
    assert [(one["id"], one.get("replaces")) for one in told] == [("m1", None), ("m2", "m1")]
    assert "earlier" not in told[1]


async def test_a_message_that_replaces_itself_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    async with open_sender(sqlite_url, tmp_path) as sender:
        body = {**CHAT, "id": "m1", "title": "T", "replaces": "m1"}
        answer = await sender.http.post("/api/v1/messages", json=body)
    assert answer.status_code == 422
    assert "replaces-itself" in answer.text
    assert "/replaces" in answer.text


def test_the_looks_become_rarer_and_end() -> None:
    waits = [retry.behind(NOW, NOW + timedelta(seconds=seconds)) for seconds in (-5, 0, 8, 3600)]
    assert waits == [timedelta(seconds=seconds) for seconds in (1, 1, 2, 60)]
    assert retry.behind(NOW, NOW + retry.PATIENCE) is not None
    assert retry.behind(NOW, NOW + retry.PATIENCE + timedelta(seconds=1)) is None
