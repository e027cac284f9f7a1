"""Why a message is not sent, for programs: codes with parameters beside each sentence, without secrets, wherever one
is shown; and what an earlier version wrote keeps its sentences."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import text

from msg_sender.app import MIGRATIONS
from service_kit.database import open_database
from service_kit.times import micros
from tests.fakes.bot_api import BotApi, refused
from tests.msg_sender.conftest import Sender, open_sender, telegram

CHAT = {"channel": "telegram", "to": "42"}
NOT_CONFIGURED = [{"code": "not-configured", "params": {"name": "telegram", "setting": "[telegram] token"}}]
OLD_MESSAGE = """
    INSERT INTO messages (id, channel, address, body, digest, status, fence, attempts, breakdowns, reason, accepted_at,
        since, finished_at)
    VALUES ('old', 'telegram', '42', '{"title": "T", "severity": "info", "message": "", "url": null, "data": {},
        "attachments": [], "buttons": [], "template": null, "locale": "en", "in_reply_to": null}', 'x', 'dead', 1, 1, 0,
        'Telegram answered 403: blocked; 5 times in a row', :at, :at, :at)
"""
OLD_ATTEMPT = """
    INSERT INTO attempts (message, fence, started_at, finished_at, outcome, error, channel)
    SELECT number, 1, :at, :at, 'failed', 'Telegram answered 403: blocked', channel FROM messages
"""


async def channel(sender: Sender, name: str) -> dict[str, Any]:
    items = (await sender.http.get("/api/v1/channels")).json()["items"]
    return next(one for one in items if one["name"] == name)


async def test_a_channel_that_is_not_configured_says_by_code_what_to_set(database_url: str, tmp_path: Path) -> None:
    async with open_sender(database_url, tmp_path) as sender:
        dead = await sender.settled(await sender.post(**CHAT))
        assert dead["reason_codes"] == NOT_CONFIGURED
        assert [one["error_codes"] for one in dead["attempts"]] == [NOT_CONFIGURED]
        assert (await sender.http.get("/api/v1/messages")).json()["items"][0]["reason_codes"] == NOT_CONFIGURED
        state = await channel(sender, "telegram")
        assert (state["reason_codes"], state["last_error_codes"]) == (NOT_CONFIGURED, NOT_CONFIGURED)
        trial = (await sender.http.post("/api/v1/channels/telegram/test", json={"to": "42"})).json()
        assert trial["error_codes"] == NOT_CONFIGURED
        answer = await sender.http.post(f"/api/v1/messages/{dead['id']}/replay")
        assert answer.json()["reason_codes"] is None, "what waits anew has no reason yet"


async def test_what_a_provider_said_is_a_parameter_without_secrets(
    database_url: str, tmp_path: Path, bot: BotApi
) -> None:
    bot.script += [refused(403, f"Forbidden: {bot.token} was blocked")] * 2
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        dead = await sender.settled(await sender.post(**CHAT))
        trial = (await sender.http.post("/api/v1/channels/telegram/test", json={"to": "42"})).json()
        said = [{"code": "telegram-said", "params": {"status": 403, "said": "Forbidden: *** was blocked"}}]
        assert (dead["reason_codes"], dead["attempts"][0]["error_codes"], trial["error_codes"]) == (said, said, said)
        assert dead["reason"] == "Telegram answered 403: Forbidden: *** was blocked"


async def test_what_is_sent_has_no_codes(database_url: str, tmp_path: Path, bot: BotApi) -> None:
    async with open_sender(database_url, tmp_path, {"telegram": telegram(bot)}) as sender:
        sent = await sender.settled(await sender.post(**CHAT))
        assert (sent["reason_codes"], sent["attempts"][0]["error_codes"]) == (None, None)
        assert (await channel(sender, "telegram"))["reason_codes"] is None


async def test_what_an_earlier_version_wrote_keeps_its_sentences(database_url: str, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier"
    shutil.copytree(MIGRATIONS, earlier, ignore=shutil.ignore_patterns("0006_*", "__pycache__"))
    database = await asyncio.to_thread(open_database, database_url, earlier)
    at = {"at": micros(await database.now())}
    for statement in (OLD_MESSAGE, OLD_ATTEMPT):
        await database.write(lambda connection, said=statement: connection.execute(text(said), at) and None)
    await database.close()
    async with open_sender(database_url, tmp_path) as sender:
        old = await sender.get("old")
        assert (old["reason"], old["reason_codes"]) == ("Telegram answered 403: blocked; 5 times in a row", None)
        assert [(one["error"], one["error_codes"]) for one in old["attempts"]] == [
            ("Telegram answered 403: blocked", None)
        ]
        state = await channel(sender, "telegram")
        assert (state["last_error"], state["last_error_codes"]) == ("Telegram answered 403: blocked", None)
