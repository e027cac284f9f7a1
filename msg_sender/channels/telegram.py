"""Telegram, by its Bot API. Formatting goes as entities beside the plain text, so there is no markup to break.

The Bot API has no idempotency key: when its answer is lost, the message is sent again.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from msg_sender import markup, utf16
from msg_sender.channels.contract import OpenEgress, Outgoing, Receipt, SendError
from msg_sender.pace import Pace
from service_kit.egress import Answer, EgressError
from service_kit.secrets import Secret

#: What Telegram takes in one message, in UTF-16 units.
LIMIT = 4096
#: Its published rates: one message a second to a chat, thirty in all.
_CHAT_SECONDS, _PER_SECOND = 1.0, 30
#: The Bot API takes a hundred; more does not help a reader.
_MAX_ENTITIES, _MAX_BUTTONS, _LABEL = 100, 8, 60
_CHAT = re.compile(r"-?[0-9]{1,19}|@[A-Za-z][A-Za-z0-9_]{3,40}")
_ICONS = {"info": "ℹ️", "success": "✅", "warning": "⚠️", "error": "❌", "critical": "🔥"}
#: Refusals of the formatting, not of the text: what Telegram says of entities, links and buttons that it dislikes.
_FORMAT = re.compile(r"can't parse|entit|button|url|reply.?markup", re.IGNORECASE)


class TelegramSettings(BaseModel):
    """`token` is what @BotFather gave; `api_url` is for those who run their own Bot API server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Secret = Field(description="of the bot, from @BotFather")
    api_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = Field(
        "https://api.telegram.org", description="of the Bot API server"
    )

    @field_validator("token")
    @classmethod
    def _fits_into_a_url(cls, token: Secret) -> Secret:
        if not re.fullmatch(r"[A-Za-z0-9:_-]{3,200}", token.get_secret_value()):
            raise ValueError("expected a bot token such as 123456:ABC-DEF")
        return token


def open_telegram(settings: TelegramSettings, open_egress: OpenEgress) -> Telegram:
    """The channel; sends nothing yet."""
    return Telegram(settings, open_egress)


class Telegram:
    """Sends to chats by number or by @name of a public one."""

    def __init__(self, settings: TelegramSettings, open_egress: OpenEgress) -> None:
        self._egress = open_egress(trusted=[settings.api_url])
        self._url = f"{settings.api_url.rstrip('/')}/bot{settings.token.get_secret_value()}/sendMessage"
        self._pace = Pace(_CHAT_SECONDS, _PER_SECOND)
        self._moved: dict[str, str] = {}

    async def send(self, message: Outgoing) -> Receipt:
        if not _CHAT.fullmatch(message.to):
            raise SendError('expected a chat id such as "-1001234" or "@channel"', permanent=True)
        chat = self._moved.get(message.to, message.to)
        body = render(message)
        status, answer = await self._post(chat, body)
        moved = _parameters(answer).get("migrate_to_chat_id")
        if isinstance(moved, int):  # a group became a supergroup; Telegram keeps telling, we keep it while we live
            chat = self._moved[message.to] = str(moved)
            status, answer = await self._post(chat, body)
        if status == 400 and _FORMAT.search(_description(answer)):
            status, answer = await self._post(chat, plain(message))
        if status == 200 and answer.get("ok") is not False:
            sent = answer.get("result")
            return Receipt(json.dumps(answer), str(sent.get("message_id")) if isinstance(sent, dict) else None)
        raise refusal(status, answer)

    def delay(self, message: Outgoing, now: float) -> float:
        return self._pace.delay(self._moved.get(message.to, message.to), message.id, now)

    async def close(self) -> None:
        await self._egress.close()

    async def _post(self, chat: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        content = json.dumps({"chat_id": chat if chat.startswith("@") else int(chat), **body}).encode()
        try:
            answer = await self._egress.request(
                "POST", self._url, headers={"content-type": "application/json"}, body=content
            )
        except EgressError as error:
            raise SendError(f"Telegram: {error}") from None
        return answer.status, _decode(answer)


def render(message: Outgoing) -> dict[str, Any]:
    """The parameters of sendMessage but for the chat: text with entities, and the links as buttons."""
    title = " ".join(message.title.split())
    head = f"{_ICONS[message.severity]} {title}" if title else _ICONS[message.severity]
    body, entities = markup.as_entities(utf16.head(message.message, 4 * LIMIT))
    text = f"{head}\n\n{body}" if title and body else head + (" " + body if body else "")
    shift = utf16.length(text) - utf16.length(body)
    bold = [markup.Entity("bold", utf16.length(head) - utf16.length(title), utf16.length(title))] if title else []
    moved = [markup.Entity(one.type, one.offset + shift, one.length, one.url, one.language) for one in entities]
    text, kept = utf16.cut(text, LIMIT)
    _, entities = markup.clip(text, sorted(bold + moved, key=lambda one: (one.offset, -one.length)), kept)
    return {
        "text": text,
        "entities": [one.wire() for one in entities[:_MAX_ENTITIES]],
        "link_preview_options": {"is_disabled": True},
        "disable_notification": message.severity in ("info", "success"),
        **_keyboard(message),
    }


def plain(message: Outgoing) -> dict[str, Any]:
    """The same with nothing that could be refused: the Markdown as it is, the link as text."""
    parts = (f"{_ICONS[message.severity]} {message.title}".strip(), message.message, message.url or "")
    text, _ = utf16.cut("\n\n".join(part for part in parts if part.strip()), LIMIT)
    return {"text": text, "link_preview_options": {"is_disabled": True}}


def refusal(status: int, answer: dict[str, Any]) -> SendError:
    """An answer that is not a success, as the error it is."""
    said = _description(answer)
    asked = _parameters(answer).get("retry_after")
    return SendError(
        f"Telegram answered {status}" + (f": {said}" if said else ""),
        permanent=400 <= status < 500 and status not in (408, 409, 425, 429),
        retry_after=asked if isinstance(asked, int | float) and not isinstance(asked, bool) else None,
        answer=json.dumps(answer),
    )


def _keyboard(message: Outgoing) -> dict[str, Any]:
    links = [("Open", message.url), *((button.label, button.url) for button in message.buttons)]
    rows = [[{"text": label[:_LABEL], "url": url}] for label, url in links if url and re.match(r"https?://[^\s/]", url)]
    return {"reply_markup": {"inline_keyboard": rows[:_MAX_BUTTONS]}} if rows else {}


def _decode(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def _description(answer: dict[str, Any]) -> str:
    return str(answer.get("description") or "")[:500]


def _parameters(answer: dict[str, Any]) -> dict[str, Any]:
    found = answer.get("parameters")
    return found if isinstance(found, dict) else {}
