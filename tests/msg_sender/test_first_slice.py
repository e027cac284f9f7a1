"""From POST to the far ends, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from msg_sender import store
from msg_sender.app import MIGRATIONS
from service_kit.database import open_database
from tests.fakes.bot_api import BotApi
from tests.fakes.smtp import SmtpRecorder
from tests.msg_sender.conftest import open_sender, telegram
from wire.message import Message


async def test_a_mail_and_a_telegram_message_arrive_once(
    database_url: str, tmp_path: Path, bot: BotApi, smtp: SmtpRecorder
) -> None:
    sections = {"telegram": telegram(bot), "email": {"url": smtp.url, "from": "Alerts <alerts@example.org>"}}
    async with open_sender(database_url, tmp_path, sections) as sender:
        mail = await sender.post(
            channel="email", to="ann@example.org", message="**91 %** of `/var`", severity="warning", notice="n1"
        )
        chat = await sender.post(
            channel="telegram", to="-1001", message="**91 %** of `/var`", url="https://x.example/1"
        )
        assert (await sender.settled(mail))["status"] == "sent"
        assert (await sender.settled(chat))["status"] == "sent"
    [received] = smtp.mails
    assert received.sender == "alerts@example.org"
    assert received.recipients == ("ann@example.org",)
    assert received.subject == "[warning] Disk full"
    assert received.message["Message-ID"] == f"<{mail}@example.org>"
    assert "<strong>91 %</strong>" in received.part("html")
    assert "**91 %**" in received.part("plain")
    [text] = bot.sent
    assert text["chat_id"] == -1001
    assert text["text"] == "ℹ️ Disk full\n\n91 % of /var"
    assert [one["type"] for one in text["entities"]] == ["bold", "bold", "code"]
    assert text["reply_markup"]["inline_keyboard"] == [[{"text": "Open", "url": "https://x.example/1"}]]


async def test_what_a_dead_sender_held_goes_on_at_once_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    """The lock of the file proves that it is dead; its unfinished attempt is on record as lost."""
    database = open_database(sqlite_url, MIGRATIONS)
    now = await database.now()
    message = Message.model_validate({"id": "m1", "channel": "webhook", "to": "https://x.example", "title": "T"})
    await database.write(store.accept, [message], now)
    [held] = await database.write(store.claim, "webhook", 1, now, now + timedelta(hours=1))
    assert await database.write(store.begin, held, now, now + timedelta(hours=1))
    await database.close()
    async with open_sender(sqlite_url, tmp_path) as sender:
        found = await sender.settled("m1")
    assert [attempt["outcome"] for attempt in found["attempts"]] == ["lost", "failed"]
