"""The Telegram channel against the strict fake: what goes out, and what each answer means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from msg_sender import telegram_parts as channel
from msg_sender.channels.contract import Earlier, Outgoing, SendError
from msg_sender.channels.telegram import Telegram, TelegramSettings
from service_kit.egress import Egress
from service_kit.secrets import Secret
from tests.fakes.bot_api import BotApi, Refusal, Scripted, check_entities, length, parse_html, refused, too_many

CANARY = "987654:CANARY-of-the-bot-token-abcdef"


def outgoing(**fields: Any) -> Outgoing:
    given = {"id": "m1", "channel": "telegram", "to": "42", "title": "T", "accepted_at": "2026-11-20T12:00:00Z"}
    return Outgoing.model_validate({**given, **fields})


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(token=CANARY) as opened:
        yield opened


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Telegram]:
    opened = Telegram(TelegramSettings(token=Secret(CANARY), api_url=api.url), partial(Egress, deadline=1.0))
    yield opened
    await opened.close()


async def test_a_message_is_text_with_entities_and_its_link_a_button(api: BotApi, bot: Telegram) -> None:
    receipt = await bot.send(
        outgoing(title="Disk  full\n", message="`/var` is **91 %**", severity="error", url="https://panel.example/n/1")
    )
    assert receipt.reference == "1"
    [sent] = api.sent
    assert sent["chat_id"] == 42
    assert sent["text"] == "❌ Disk full\n\n/var is 91 %"
    assert [(one["type"], one["offset"], one["length"]) for one in sent["entities"]] == [
        ("bold", 2, 9), ("code", 13, 4), ("bold", 21, 4),
    ]  # fmt: skip
    assert sent["reply_markup"]["inline_keyboard"] == [[{"text": "Open", "url": "https://panel.example/n/1"}]]
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert sent["disable_notification"] is False


@pytest.mark.parametrize("url", ["/n/1", "javascript:alert(1)", "tg://user?id=1", None])
async def test_a_link_that_telegram_would_refuse_is_no_button(api: BotApi, bot: Telegram, url: str | None) -> None:
    await bot.send(outgoing(url=url))
    assert "reply_markup" not in api.sent[0]


@pytest.mark.parametrize(
    ("answer", "permanent", "retry_after"),
    [
        (too_many(1), False, 1),
        (too_many(3600), False, 3600),
        (too_many(999_999), False, 999_999),
        (refused(429, "Too Many Requests", retry_after=-1), False, -1),
        (refused(429, "Too Many Requests", retry_after="garbage"), False, None),
        (refused(429, "Too Many Requests"), False, None),
        (refused(400, "Bad Request: chat not found"), True, None),
        (refused(400, "Bad Request: message text is empty"), True, None),
        (refused(401, "Unauthorized"), True, None),
        (refused(403, "Forbidden: bot was blocked by the user"), True, None),
        (refused(404, "Not Found"), True, None),
        (refused(409, "Conflict"), False, None),
        (refused(413, "Request Entity Too Large"), True, None),
        (refused(500, "Internal Server Error"), False, None),
        (Scripted(502, b"<html>bad gateway</html>"), False, None),
        (Scripted(503, b""), False, None),
        (Scripted(504, b"{not json"), False, None),
        (Scripted(200, {"ok": False, "description": "odd"}), False, None),
        (Scripted(301, b"", (("Location", "http://127.0.0.1:1/"),)), False, None),
        (Scripted(400, b"[1]"), True, None),
        (Scripted(400, {"parameters": "x", "description": 7}), True, None),
        (Scripted(hang_up=True), False, None),
        (Scripted(hang_up=True, accept=True), False, None),
    ],
)
async def test_every_refusal_says_whether_a_retry_makes_sense(
    api: BotApi, bot: Telegram, answer: Scripted, permanent: bool, retry_after: float | None
) -> None:
    api.script.append(answer)
    with pytest.raises(SendError) as caught:
        await bot.send(outgoing())
    assert caught.value.permanent is permanent
    assert caught.value.retry_after == retry_after
    assert CANARY not in str(caught.value) + repr(caught.value) + caught.value.answer
    assert CANARY.partition(":")[2] not in str(caught.value)


async def test_no_answer_in_time_is_worth_a_retry(api: BotApi, bot: Telegram) -> None:
    api.script.append(Scripted(wait=asyncio.Event()))
    with pytest.raises(SendError, match="no answer in time") as caught:
        await bot.send(outgoing())
    assert not caught.value.permanent


@pytest.mark.parametrize("body", [b"", b"{not json", b"[]", b"{}"])
async def test_success_is_success_whatever_the_body_says(api: BotApi, bot: Telegram, body: bytes) -> None:
    api.script.append(Scripted(200, body, accept=True))
    await bot.send(outgoing())
    assert len(api.sent) == 1


@pytest.mark.parametrize(
    "description",
    [
        'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 3',
        "Bad Request: inline keyboard button URL 'http://x' is invalid: Wrong HTTP URL",
        "Bad Request: BUTTON_URL_INVALID",
        "Bad Request: ENTITY_BOUNDS_INVALID",
    ],
)
async def test_refused_formatting_is_sent_once_more_as_plain_text(api: BotApi, bot: Telegram, description: str) -> None:
    api.script.append(refused(400, description))
    await bot.send(outgoing(message="**bold**", url="https://a.example"))
    [sent] = api.sent
    assert sent["text"] == "ℹ️ T\n\n**bold**\n\nhttps://a.example"
    assert not {"entities", "parse_mode", "reply_markup"} & set(sent)


async def test_when_plain_text_is_refused_too_it_is_over(api: BotApi, bot: Telegram) -> None:
    api.script += [refused(400, "Bad Request: can't parse entities"), refused(400, "Bad Request: can't parse entities")]
    with pytest.raises(SendError) as caught:
        await bot.send(outgoing())
    assert caught.value.permanent
    assert len(api.requests) == 2


async def test_a_group_that_moved_is_followed_and_remembered(api: BotApi, bot: Telegram) -> None:
    api.script.append(
        refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009)
    )
    await bot.send(outgoing(to="-5"))
    await bot.send(outgoing(to="-5", id="m2"))
    assert [sent["chat_id"] for sent in api.sent] == [-1009, -1009]
    assert len(api.requests) == 3


@pytest.mark.parametrize(
    "to", ["", " ", "ann", "4 2", "@a", "-", "1e5", "42\n", "99999999999999999999", "@x/../y", "٤٢"]
)
async def test_what_is_no_chat_is_refused_without_a_request(api: BotApi, bot: Telegram, to: str) -> None:
    message = outgoing().model_copy(update={"to": to})
    with pytest.raises(SendError) as caught:
        await bot.send(message)
    assert caught.value.permanent
    assert not api.requests


async def test_a_channel_is_addressed_by_name(api: BotApi, bot: Telegram) -> None:
    await bot.send(outgoing(to="@ops_channel"))
    assert api.sent[0]["chat_id"] == "@ops_channel"


def test_one_message_a_second_goes_to_a_chat() -> None:
    opened = Telegram(TelegramSettings(token=Secret(CANARY)), lambda **_: None)  # type: ignore[arg-type, return-value]
    assert opened.delay(outgoing(id="a"), 10.0) == 0
    assert opened.delay(outgoing(id="b"), 10.0) == 1.0
    assert opened.delay(outgoing(id="c", to="43"), 10.0) == 0


@given(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=60),
    st.text(st.sampled_from("ab *_`~[]()<>#-.!\n1😀é👨‍👩‍👧&"), max_size=60),
    st.integers(0, 200),
)
def test_whatever_it_says_the_text_fits_and_its_entities_are_valid(title: str, piece: str, times: int) -> None:
    if not (title or piece * times):
        return
    body = channel.render(outgoing(title=title, message=piece * times))
    assert length(body["text"]) <= 4096
    check_entities(body["text"], body["entities"])
    assert body["text"].strip()
    assert length(channel.plain(outgoing(title=title, message=piece * times))["text"]) <= 4096


def test_a_long_text_is_cut_at_a_phrase_and_never_inside_a_character() -> None:
    body = channel.render(outgoing(message="😀 word. " * 2000))
    assert length(body["text"]) <= 4096
    assert body["text"].endswith("word.…")


@pytest.mark.parametrize("token", ["", "a", "1:a b", "1:a/../b", "1:ä", "1:a?x=y"])
def test_a_token_that_is_none_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TelegramSettings.model_validate({"token": token})
    assert "expected a bot token" in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://x", "telegram.org", "https://x y", "https://x?a=b"])
def test_an_api_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        TelegramSettings.model_validate({"token": "1:a", "api_url": url})


@pytest.mark.parametrize(
    "text", ["<b>x", "x</b>", "<b><i>x</b></i>", "<x>y</x>", "<b", "a < b", "<script>x</script>", "<b>x</i>"]
)
def test_the_fake_refuses_html_that_the_original_refuses(text: str) -> None:
    with pytest.raises(Refusal, match="can't parse entities"):
        parse_html(text)


def test_the_fake_reads_html_that_the_original_reads() -> None:
    assert (
        parse_html('<b>a</b> &lt;b&gt; <a href="https://x">l</a> <pre><code class="language-py">x</code></pre>')
        == "a <b> l x"
    )


def changing(**fields: Any) -> Outgoing:
    return outgoing(**{"id": "m2", "replaces": "m1", "earlier": Earlier("m1", "1"), **fields})


async def test_what_reads_so_already_is_delivered(api: BotApi, bot: Telegram) -> None:
    await bot.send(outgoing(message="same", url="https://x.example"))
    receipt = await bot.send(changing(message="same", url="https://x.example"))
    assert receipt.reference == "1"
    assert "message is not modified" in receipt.answer
    assert (len(api.sent), api.edited) == (1, [])


async def test_a_change_whose_answer_was_lost_is_no_second_message(api: BotApi, bot: Telegram) -> None:
    await bot.send(outgoing())
    api.script.append(Scripted(hang_up=True, accept=True))
    with pytest.raises(SendError):
        await bot.send(changing(title="U"))
    assert (await bot.send(changing(title="U"))).reference == "1"
    assert (len(api.sent), len(api.edited)) == (1, 1)


@pytest.mark.parametrize(
    "description",
    [None, "Bad Request: message can't be edited", "Bad Request: MESSAGE_ID_INVALID",
     "Bad Request: there is no text in the message to edit"],
)  # fmt: skip
async def test_what_cannot_be_changed_is_sent_anew(api: BotApi, bot: Telegram, description: str | None) -> None:
    await bot.send(outgoing())
    if description is None:
        api.shown.clear()  # somebody deleted it
    else:
        api.script.append(refused(400, description))
    receipt = await bot.send(changing(message="**new**"))
    assert receipt.reference == "2"
    assert api.edited == []
    assert api.sent[1]["text"] == "ℹ️ T\n\nnew"
    assert "message_id" not in api.sent[1]


async def test_a_change_whose_formatting_is_refused_goes_as_plain_text(api: BotApi, bot: Telegram) -> None:
    await bot.send(outgoing())
    api.script.append(refused(400, "Bad Request: can't parse entities"))
    await bot.send(changing(message="**bold**"))
    [change] = api.edited
    assert (change["text"], change["message_id"], "entities" in change) == ("ℹ️ T\n\n**bold**", 1, False)


async def test_a_long_change_is_cut_as_a_message_is(api: BotApi, bot: Telegram) -> None:
    await bot.send(outgoing())
    await bot.send(changing(message="💾 word " * 3_000))
    [change] = api.edited
    assert channel.LIMIT - 200 < length(change["text"]) <= channel.LIMIT


@pytest.mark.parametrize("earlier", [None, Earlier("m1", None), Earlier("m1", "<html>"), Earlier("m1", "-1")])
async def test_without_a_reference_it_is_a_new_message(api: BotApi, bot: Telegram, earlier: Earlier | None) -> None:
    await bot.send(changing(earlier=earlier))
    assert (len(api.sent), api.edited) == (1, [])


@pytest.mark.parametrize(
    ("answer", "permanent"), [(too_many(3), False), (Scripted(502), False), (refused(403, "Forbidden"), True)]
)
async def test_other_refusals_of_a_change_are_failures(
    api: BotApi, bot: Telegram, answer: Scripted, permanent: bool
) -> None:
    await bot.send(outgoing())
    api.script.append(answer)
    with pytest.raises(SendError) as caught:
        await bot.send(changing(title="U"))
    assert caught.value.permanent is permanent
    assert (len(api.sent), api.edited) == (1, [])


@pytest.mark.parametrize(
    ("change", "words"),
    [({}, "message is not modified"), ({"message_id": 2}, "message to edit not found"),
     ({"chat_id": 43}, "message to edit not found"), ({"message_id": None}, "wrong type"),
     ({"text": " "}, "text is empty"), ({"text": "x" * 4097}, "MESSAGE_TOO_LONG"),
     ({"reply_markup": {"keyboard": []}}, "inline keyboard expected"),
     ({"text": "y", "disable_notification": True}, "unknown parameter"),
     ({"text": "y", "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "x"}]]}}, "Wrong HTTP URL")],
)  # fmt: skip
async def test_the_fake_refuses_changes_that_the_original_refuses(
    api: BotApi, change: dict[str, Any], words: str
) -> None:
    egress = Egress(trusted=[api.url], deadline=1.0)

    async def call(method: str, **given: Any) -> str:
        head, body = {"content-type": "application/json"}, json.dumps(given).encode()
        answer = await egress.request("POST", f"{api.url}/bot{CANARY}/{method}", headers=head, body=body)
        return answer.body.decode()

    await call("sendMessage", chat_id=42, text="x")
    assert words in await call("editMessageText", **{"chat_id": 42, "message_id": 1, "text": "x", **change})
    assert '"ok": true' in await call("editMessageText", chat_id=42, message_id=1, text="y")
    await egress.close()
