"""Telegram, by its Bot API. What is called for a message: msg_sender/telegram_parts.py.

The Bot API has no idempotency key: when its answer is lost, the message is sent again. Files follow the text, each as a
message of its own; what Telegram has taken is remembered while we live, so that a retry goes on where the last ended.
"""

from __future__ import annotations

import json
import re
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from msg_sender import multipart
from msg_sender.channels.contract import OpenEgress, Outgoing, Receipt, SendError
from msg_sender.pace import Pace
from msg_sender.reason import Reason, because, of_egress
from msg_sender.telegram_parts import Part, description, field_of, parts
from service_kit.egress import Answer, EgressError
from service_kit.secrets import Secret

#: Its published rates: one message a second to a chat, thirty in all.
_CHAT_SECONDS, _PER_SECOND = 1.0, 30
#: Messages that were taken in part and are remembered.
_REMEMBERED = 1_000
_CHAT = re.compile(r"-?[0-9]{1,19}|@[A-Za-z][A-Za-z0-9_]{3,40}")


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


@dataclass(frozen=True)
class _Taken:
    """How many parts of a message Telegram has, and its id and its words of the first, which is the text."""

    parts: int
    reference: str | None
    answer: str


class Telegram:
    """Sends to chats by number or by @name of a public one."""

    def __init__(self, settings: TelegramSettings, open_egress: OpenEgress) -> None:
        self._egress = open_egress(trusted=[settings.api_url])
        self._url = f"{settings.api_url.rstrip('/')}/bot{settings.token.get_secret_value()}/"
        self._pace = Pace(_CHAT_SECONDS, _PER_SECOND)
        self._moved: dict[str, str] = {}
        self._taken: OrderedDict[str, _Taken] = OrderedDict()

    async def send(self, message: Outgoing) -> Receipt:
        if not _CHAT.fullmatch(message.to):
            wanted = because('expected a chat id such as "-1001234" or "@channel"', code="not-a-chat")
            raise SendError(wanted, permanent=True)
        for number, part in enumerate(parts(message)):
            taken = self._taken.get(message.id)
            if taken is not None and number < taken.parts:
                continue
            status, answer = await self._call(message.to, part)
            if not part.is_done(status, answer):
                refused = refusal(status, answer)
                if part.vital or not refused.permanent:
                    raise refused
            self._remember(message.id, number + 1, part, answer)
            if number:  # its place in the chat's rate, for those that come later
                self._pace.delay(self._moved.get(message.to, message.to), f"{message.id}/{number}", time.monotonic())
        taken = self._taken.pop(message.id)
        return Receipt(taken.answer, taken.reference)

    def delay(self, message: Outgoing, now: float) -> float:
        return self._pace.delay(self._moved.get(message.to, message.to), message.id, now)

    async def close(self) -> None:
        await self._egress.close()

    def _remember(self, name: str, count: int, part: Part, answer: dict[str, Any]) -> None:
        sent = answer.get("result")
        found = sent.get("message_id") if isinstance(sent, dict) else part.body.get("message_id")
        reference = None if found is None else str(found)
        first = self._taken.get(name) or _Taken(0, reference, json.dumps(answer))
        self._taken[name] = replace(first, parts=count)
        while len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)

    async def _call(self, to: str, part: Part) -> tuple[int, dict[str, Any]]:
        """The answer to a part, or to what is called in its place."""
        chat = self._moved.get(to, to)
        status, answer = await self._post(chat, part)
        moved = _parameters(answer).get("migrate_to_chat_id")
        if isinstance(moved, int):  # a group became a supergroup; Telegram keeps telling, we keep it while we live
            chat = self._moved[to] = str(moved)
            status, answer = await self._post(chat, part)
        following = part.after(status, description(answer))
        return await self._call(to, following) if following else (status, answer)

    async def _post(self, chat: str, part: Part) -> tuple[int, dict[str, Any]]:
        fields = {"chat_id": chat if chat.startswith("@") else int(chat), **part.body}
        if part.file is None:
            kind, content = "application/json", json.dumps(fields).encode()
        else:
            flat = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
            kind, content = multipart.encode(flat, field_of(part.method), part.file)
        url = self._url + part.method
        try:
            answer = await self._egress.request("POST", url, headers={"content-type": kind}, body=content)
        except EgressError as error:
            raise SendError(of_egress(error).by("Telegram")) from None
        return answer.status, _decode(answer)


def refusal(status: int, answer: dict[str, Any]) -> SendError:
    """An answer that is not a success, as the error it is."""
    asked = _parameters(answer).get("retry_after")
    return SendError(
        _answered(status, description(answer)),
        permanent=400 <= status < 500 and status not in (408, 409, 425, 429),
        retry_after=asked if isinstance(asked, int | float) and not isinstance(asked, bool) else None,
        answer=json.dumps(answer),
    )


def _answered(status: int, said: str) -> Reason:
    if not said:
        return because("Telegram answered {status}", code="telegram-answered", status=status)
    return because("Telegram answered {status}: {said}", code="telegram-said", status=status, said=said)


def _decode(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def _parameters(answer: dict[str, Any]) -> dict[str, Any]:
    found = answer.get("parameters")
    return found if isinstance(found, dict) else {}
