"""Files that go with a message: in it, or by their address; into mail, to Telegram, to a webhook, and in the store."""

from __future__ import annotations

import json
import random
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alertwrap.stdout.enclosed import MOST_BYTES
from msg_sender.channels.contract import Outgoing, SendError
from msg_sender.channels.email import Email, EmailSettings, compose, sender_of
from msg_sender.channels.telegram import Telegram, TelegramSettings
from msg_sender.channels.webhook import payload
from msg_sender.enclosed import Link, enclosed
from service_kit.egress import Egress
from service_kit.secrets import Secret
from tests.fakes.bot_api import BotApi, refused, too_many
from tests.fakes.smtp import SmtpRecorder
from tests.msg_sender.conftest import open_sender, telegram
from wire.message import Enclosure, Message


def png(width: int = 2, height: int = 1) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = chunk(b"IHDR", width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0]))
    rows = zlib.compress((b"\0" + bytes(width)) * height)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


LOG = b"line \x00\xff\r\n.\r\n--x\n" * 9
PICTURE = {"name": "chart.png", "type": "image/png", "content": b64encode(png()).decode()}
FILE = {"name": "the log.txt", "type": "text/plain", "content": b64encode(LOG).decode(), "size": len(LOG)}
LINK = {"name": "report", "url": "https://files.example/r?a=1&b=2"}


def outgoing(*attachments: dict[str, Any], **fields: Any) -> Outgoing:
    given = {"id": "m1", "channel": "email", "to": "ann@example.org", "title": "T", "attachments": attachments}
    return Outgoing.model_validate({**given, "accepted_at": "2026-11-20T12:00:00Z", **fields})


def to_chat(*attachments: dict[str, Any], **fields: Any) -> Outgoing:
    return outgoing(*attachments, **{"channel": "telegram", "to": "42", **fields})


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as opened:
        yield opened


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Telegram]:
    opened = Telegram(TelegramSettings(token=Secret(api.token), api_url=api.url), partial(Egress, deadline=5.0))
    yield opened
    await opened.close()


async def test_in_mail_a_file_is_attached_a_picture_shown_and_an_address_listed(smtp: SmtpRecorder) -> None:
    channel = Email(EmailSettings.model_validate({"url": smtp.url, "from": "alerts@example.org"}))
    await channel.send(outgoing(PICTURE, FILE, LINK))
    await channel.close()
    [mail] = smtp.mails
    [log] = mail.message.iter_attachments()
    assert (log.get_filename(), log.get_content_type()) == ("the log.txt", "text/plain")
    assert log.get_payload(decode=True) == LOG
    [picture] = [part for part in mail.message.walk() if part.get_content_type() == "image/png"]
    assert picture.get_payload(decode=True) == png()
    assert picture.get_content_disposition() == "inline"
    assert f'<img src="cid:{picture["Content-ID"][1:-1]}" alt="chart.png"' in mail.part("html")
    assert '<li><a href="https://files.example/r?a=1&amp;b=2">report</a></li>' in mail.part("html")
    assert "report: https://files.example/r?a=1&b=2" in mail.part("plain")
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "name",
    [
        "a\r\nBcc: evil@example.org",
        'a"; filename="b.exe',
        "../../etc/passwd",
        "отчёт.pdf",
        "💾" * 60,
        " ",
        "a\x00\x85b",
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "text/html\r\nX: y", "multipart/mixed", "message/rfc822", "x", ""])
def test_no_name_and_no_type_add_a_header_or_a_part(name: str, kind: str) -> None:
    given = {"name": name, "type": kind, "content": FILE["content"]}
    mail = compose(outgoing(given), sender_of("a@example.org"), "b@example.org")
    [file] = mail.iter_attachments()
    assert file.get_payload(decode=True) == LOG
    assert sorted(file.keys()) == ["Content-Disposition", "Content-Transfer-Encoding", "Content-Type", "MIME-Version"]
    raw = mail.as_bytes()
    raw.decode("ascii")
    assert b"\r\nBcc:" not in raw
    assert b"\r\nX:" not in raw
    assert "/" not in str(file.get_filename())
    if "/" not in kind or kind.startswith(("multipart", "message")):
        assert file.get_content_type() == "application/octet-stream"


async def test_to_a_chat_the_text_goes_first_then_each_file(api: BotApi, bot: Telegram) -> None:
    receipt = await bot.send(to_chat(PICTURE, FILE))
    text, photo, document = api.sent
    assert text["text"] == "ℹ️ T"
    assert photo["photo"] == {"name": "chart.png", "type": "image/png", "bytes": png()}
    assert document["document"] == {"name": "the log.txt", "type": "text/plain", "bytes": LOG}
    assert {one["chat_id"] for one in api.sent} == {42}
    assert photo["disable_notification"] is document["disable_notification"] is True
    assert receipt.reference == "1", "that of the text"


async def test_what_is_by_address_stands_in_the_text_and_pictures_are_shown_too(api: BotApi, bot: Telegram) -> None:
    picture = {"url": "https://grafana.example/d/chart.png?from=1"}
    await bot.send(to_chat(LINK, picture, {"name": "odd", "url": "/relative"}, message="x" * 5000))
    text, photo = api.sent
    assert text["text"].endswith("…\n\n📎 report\n📎 chart.png\n📎 odd")
    assert [one["url"] for one in text["entities"] if one["type"] == "text_link"] == [LINK["url"], picture["url"]]
    assert photo["photo"] == picture["url"]


async def test_a_picture_that_telegram_cannot_fetch_costs_nothing(api: BotApi, bot: Telegram) -> None:
    api.script += [None, refused(400, "Bad Request: failed to get HTTP URL content")]
    await bot.send(to_chat({"url": "https://inside.example/chart.png"}))
    assert [one["text"] for one in api.sent] == ["ℹ️ T\n\n📎 chart.png"]


async def test_a_picture_that_telegram_does_not_take_as_one_goes_as_a_file(api: BotApi, bot: Telegram) -> None:
    await bot.send(to_chat({**PICTURE, "content": b64encode(png(2000, 10)).decode()}))
    assert api.sent[1]["document"]["bytes"] == png(2000, 10)


async def test_what_says_to_be_a_picture_and_is_none_goes_as_a_file(api: BotApi, bot: Telegram) -> None:
    await bot.send(to_chat({**FILE, "type": "image/png"}))
    assert [path.rpartition("/")[2] for _, path, _ in api.requests] == ["sendMessage", "sendDocument"]


async def test_an_empty_file_and_those_beyond_ten_are_named(api: BotApi, bot: Telegram) -> None:
    many = [{**FILE, "name": f"{number}.txt", "content": b64encode(b"%d" % number).decode()} for number in range(12)]
    await bot.send(to_chat({**FILE, "name": "empty.txt", "content": ""}, *many))
    assert api.sent[0]["text"] == "ℹ️ T\n\n📎 empty.txt\n📎 10.txt\n📎 11.txt"
    assert [one["document"]["name"] for one in api.sent[1:]] == [f"{number}.txt" for number in range(10)]


@pytest.mark.parametrize("answer", [too_many(1), refused(500, "Internal Server Error")], ids=["429", "500"])
async def test_a_retry_goes_on_at_the_file_that_was_not_taken(api: BotApi, bot: Telegram, answer: Any) -> None:
    api.script += [None, None, answer]
    with pytest.raises(SendError) as caught:
        await bot.send(to_chat(PICTURE, FILE))
    assert not caught.value.permanent
    receipt = await bot.send(to_chat(PICTURE, FILE))
    assert [sorted({"text", "photo", "document"} & set(one)) for one in api.sent] == [["text"], ["photo"], ["document"]]
    assert receipt.reference == "1"


async def test_a_file_that_is_refused_for_good_is_not_silent(api: BotApi, bot: Telegram) -> None:
    api.script += [None, refused(400, "Bad Request: file is too big")]
    with pytest.raises(SendError, match="file is too big") as caught:
        await bot.send(to_chat(FILE))
    assert caught.value.permanent


def test_a_webhook_gets_what_there_is() -> None:
    told = json.loads(payload(outgoing(PICTURE, LINK)))["data"]["attachments"]
    assert told == [PICTURE, {**LINK, "type": "application/octet-stream"}]


def test_an_address_with_its_content_in_it_is_a_file() -> None:
    body = b64encode(png()).decode()
    given = [
        {"url": f"data:image/png;base64,{body}"},
        {"url": "data:,a%20b"},
        {"url": "data:image/png;base64,*", "name": "x"},
    ]
    found = enclosed(outgoing(*given))
    assert [(file.body, file.is_picture) for file in found.files] == [(png(), True), (b"a b", False)]
    assert found.links == [Link("x", None, "application/octet-stream")]


@pytest.mark.parametrize(
    "given",
    [{}, {"name": "x"}, {"url": "https://x", "content": ""}, {"content": "a b"}, {"content": "YQ"}, {"content": "é"}],
)
def test_an_enclosure_is_one_thing_that_can_be_read(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Enclosure.model_validate(given)


def test_without_contents_a_message_is_what_it_was() -> None:
    told = Message.model_validate({"channel": "email", "to": "a@example.org", "title": "T", "attachments": [LINK]})
    assert "content" not in told.model_dump_json()


async def test_the_largest_files_that_an_alert_may_send_pass_every_door(
    sqlite_url: str, tmp_path: Path, smtp: SmtpRecorder
) -> None:
    body = random.Random(7).randbytes(MOST_BYTES)
    settings = {"email": {"url": smtp.url, "from": "alerts@example.org"}}
    async with open_sender(sqlite_url, tmp_path, settings) as sender:
        file = {"name": "dump", "content": b64encode(body).decode()}
        name = await sender.post(channel="email", to="ann@example.org", message="x" * 200_000, attachments=[file])
        assert (await sender.settled(name))["status"] == "sent"
    [attached] = smtp.mails[0].message.iter_attachments()
    assert attached.get_payload(decode=True) == body


async def test_the_store_keeps_the_file_until_it_is_sent_and_shows_it_to_nobody(
    sqlite_url: str, tmp_path: Path, api: BotApi
) -> None:
    sections = {"telegram": telegram(api)}
    api.script += [refused(400, "Bad Request: chat not found")]
    async with open_sender(sqlite_url, tmp_path, sections) as sender:
        name = await sender.post(channel="telegram", to="42", attachments=[FILE])
        dead = await sender.settled(name)
        assert dead["status"] == "dead"
        assert dead["attachments"] == [{"name": "the log.txt", "url": None, "type": "text/plain", "size": len(LOG)}]
        listed = (await sender.http.get("/api/v1/messages")).text
        assert FILE["content"] not in listed + json.dumps(dead)
        await sender.http.post(f"/api/v1/messages/{name}/replay")
        assert (await sender.settled(name, status=("sent",)))["attachments"] == dead["attachments"]
    assert api.sent[1]["document"]["bytes"] == LOG
