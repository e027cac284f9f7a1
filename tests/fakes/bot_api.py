"""A strict stand-in for Telegram's Bot API: refuses what the original refuses, in its words, and records the rest.

In a test: `async with BotApi(token="123:abc") as api: … api.url … api.sent`. As a program:
`python -m tests.fakes.bot_api --port 8081 --token 123:abc [--log FILE]` prints its URL, and each message it took as
a line of JSON.

`api.script` holds answers for the coming requests, first come first served: None for the honest answer, a
`Scripted(status, body, …)`, or one of the refusals below.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.fakes.bot_files import CAPTION, Unfit, check_file, read_form

LIMIT = 4096
_ENTITIES = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
    "custom_emoji", "date_time",
}  # fmt: skip
_TAGS = {
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre", "blockquote",
    "tg-emoji",
}  # fmt: skip
_NAMED = {"lt", "gt", "amp", "quot"}
_Kinds = dict[str, tuple[type, ...]]
#: Parameters of each method and their JSON types.
_COMMON: _Kinds = {
    "chat_id": (int, str), "message_thread_id": (int,), "parse_mode": (str,), "disable_notification": (bool,),
    "protect_content": (bool,), "reply_parameters": (dict,), "reply_markup": (dict,), "business_connection_id": (str,),
    "message_effect_id": (str,), "allow_paid_broadcast": (bool,),
}  # fmt: skip
_CAPTION: _Kinds = {"caption": (str,), "caption_entities": (list,)}
_PARAMETERS: dict[str, _Kinds] = {
    "sendMessage": {**_COMMON, "text": (str,), "entities": (list,), "link_preview_options": (dict,)},
    "sendPhoto": {**_COMMON, **_CAPTION, "photo": (str, dict), "has_spoiler": (bool,),
                  "show_caption_above_media": (bool,)},
    "sendDocument": {**_COMMON, **_CAPTION, "document": (str, dict), "thumbnail": (str, dict),
                     "disable_content_type_detection": (bool,)},
    "editMessageText": {
        "business_connection_id": (str,), "chat_id": (int, str), "message_id": (int,), "inline_message_id": (str,),
        "text": (str,), "parse_mode": (str,), "entities": (list,), "link_preview_options": (dict,),
        "reply_markup": (dict,),
    },
    "getMe": {},
}  # fmt: skip
_METHODS = {name.lower(): name for name in _PARAMETERS}


class Refusal(Exception):
    """An answer with ok: false."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters


@dataclass(frozen=True)
class Scripted:
    """One answer as told. `accept`: the message counts as sent although the answer says otherwise or never comes."""

    status: int = 200
    body: bytes | dict[str, Any] = b""
    headers: tuple[tuple[str, str], ...] = ()
    accept: bool = False
    hang_up: bool = False
    wait: asyncio.Event | None = None


def too_many(seconds: int) -> Scripted:
    body = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {seconds}",
            "parameters": {"retry_after": seconds}}  # fmt: skip
    return Scripted(429, body)


def refused(status: int, description: str, **parameters: Any) -> Scripted:
    return Scripted(status, Refusal(status, description, **parameters).body)


@dataclass
class BotApi:
    """`sent` are the parameters of each message taken, in order; `requests` all that came: (method, path, body).

    `edited` are those of each change taken, and `shown` what stands in a chat now: (chat, message_id) → parameters.
    A file that came in a form is {name, type, bytes}.
    """

    token: str = "123456:TEST-token-of-the-fake-bot"
    port: int = 0
    chats: set[str] | None = None  # None: every chat exists
    per_chat: float | None = None  # messages a second to one chat, beyond which it answers 429
    script: list[Scripted | None] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    edited: list[dict[str, Any]] = field(default_factory=list)
    shown: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, bytes]] = field(default_factory=list)
    on_message: Callable[[dict[str, Any]], None] | None = None
    on_request: Callable[[], None] | None = None
    _last: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one_request(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    async def _one_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *lines = head.split("\r\n")
        method, path, _ = request.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append((method, path, body))
        if self.on_request:
            self.on_request()
        told = self.script.pop(0) if self.script else None
        if told is None:
            status, answer = self._answer(method, path, headers, body)
            return await _write(writer, Scripted(status, answer))
        if told.accept:
            self._take(self._method(path), _parameters(method, path, headers, body))
        return await _write(writer, told)

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            name = self._method(path)
            parameters = _parameters(method, path, headers, body)
            if name == "getMe":
                me = {"id": int(self.token.partition(":")[0] or 1), "is_bot": True, "first_name": "Fake"}
                return 200, {"ok": True, "result": me}
            self._check(name, parameters)
        except Unfit as unfit:
            return 400, Refusal(400, f"Bad Request: {unfit}").body
        except Refusal as refusal:
            return refusal.status, refusal.body
        return 200, {"ok": True, "result": self._take(name, parameters)}

    def _method(self, path: str) -> str:
        found = re.fullmatch(r"/bot([^/]+)/(\w+)", urlsplit(path).path)
        if not found:
            raise Refusal(404, "Not Found")
        if found[1] != self.token:
            raise Refusal(401, "Unauthorized")
        if found[2].lower() not in _METHODS:
            raise Refusal(404, "Not Found: method not found")
        return _METHODS[found[2].lower()]

    def _check(self, method: str, given: dict[str, Any]) -> None:
        for name, value in given.items():
            kinds = _PARAMETERS[method].get(name)
            if kinds is None:
                raise Refusal(400, f"Bad Request: unknown parameter {name}")  # the original ignores it; we do not
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                raise Refusal(400, f"Bad Request: wrong type of parameter {name}")
        if method == "editMessageText":
            self._check_change(given)
        elif method == "sendMessage":
            if length(check_text(given)) > LIMIT:
                raise Refusal(400, "Bad Request: message is too long")
        else:
            if given.get("caption") and length(check_text(given, "caption")) > CAPTION:
                raise Refusal(400, "Bad Request: message caption is too long")
            check_file(method.removeprefix("send").lower(), given.get(method.removeprefix("send").lower()))
        self._check_chat(given.get("chat_id"))
        check_keyboard(given.get("reply_markup"))
        self._check_rate(str(given["chat_id"]))

    def _check_change(self, given: dict[str, Any]) -> None:
        if given.get("message_id") is None:
            raise Refusal(400, "Bad Request: message identifier is not specified")
        self._check_chat(given.get("chat_id"))
        there = self.shown.get((str(given["chat_id"]), given["message_id"]))
        if there is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        if "text" not in there:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        if length(check_text(given)) > LIMIT:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        if given.get("reply_markup") and "inline_keyboard" not in given["reply_markup"]:
            raise Refusal(400, "Bad Request: inline keyboard expected")
        if _looks(given) == _looks(there):
            same = "specified new message content and reply markup are exactly the same"
            rest = "as a current content and reply markup of the message"
            raise Refusal(400, f"Bad Request: message is not modified: {same} {rest}")

    def _check_chat(self, chat: object) -> None:
        if chat in (None, ""):
            raise Refusal(400, "Bad Request: chat_id is empty")
        if not re.fullmatch(r"-?\d+|@\w{4,}", str(chat)) or (self.chats is not None and str(chat) not in self.chats):
            raise Refusal(400, "Bad Request: chat not found")

    def _check_rate(self, chat: str) -> None:
        now = time.monotonic()
        if self.per_chat and now - self._last[chat] < 1 / self.per_chat:
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        self._last[chat] = now

    def _take(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        if method == "editMessageText":
            self.edited.append(given)
            number = given["message_id"]
        else:
            self.sent.append(given)
            number = len(self.sent)
        self.shown[str(given["chat_id"]), number] = given
        if self.on_message:
            self.on_message(given)
        result = {"message_id": number, "date": int(time.time()), "text": given.get("text")}
        return {**result, "chat": {"id": given.get("chat_id"), "type": "private"}}


def _looks(given: dict[str, Any]) -> list[Any]:
    """What a reader sees of a text; a change without buttons takes them away."""
    buttons = (given.get("reply_markup") or {}).get("inline_keyboard") or []
    entities = sorted(given.get("entities", []), key=lambda one: (one["offset"], -one["length"], one["type"]))
    return [given["text"].strip(), given.get("parse_mode"), entities, buttons]


def length(text: str) -> int:
    """UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(given: dict[str, Any], field: str = "text") -> str:
    """The text, or the caption, after parsing; raises the Refusal of the original."""
    text = given.get(field, "")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refusal(400, "Bad Request: strings must be encoded in UTF-8") from None
    mode = given.get("parse_mode")
    if mode is not None:
        if mode.lower() not in ("html", "markdown", "markdownv2"):
            raise Refusal(400, "Bad Request: unsupported parse_mode")
        text = parse_html(text) if mode.lower() == "html" else text
    else:
        check_entities(text, given.get("entities" if field == "text" else "caption_entities", []))
    if not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    return str(text)


def check_entities(text: str, entities: list[Any]) -> None:
    """Bounds, types and nesting of explicit entities."""
    units = text.encode("utf-16-le", "surrogatepass")
    ranges = []
    for one in entities:
        if not isinstance(one, dict) or one.get("type") not in _ENTITIES:
            raise Refusal(400, "Bad Request: can't parse MessageEntity: unsupported type specified")
        start, size = one.get("offset"), one.get("length")
        if not _is_int(start) or not _is_int(size) or start < 0 or size <= 0 or (start + size) * 2 > len(units):
            raise Refusal(400, "Bad Request: can't parse entities: entity is out of the text")
        for at in (start, start + size):
            if units[at * 2 : at * 2 + 2] and 0xDC00 <= int.from_bytes(units[at * 2 : at * 2 + 2], "little") < 0xE000:
                raise Refusal(400, f"Bad Request: entity beginning or ending inside a surrogate pair at {at}")
        if one["type"] == "text_link" and not _is_url(one.get("url")):
            raise Refusal(400, "Bad Request: can't parse entities: URL of a text_link is invalid")
        ranges.append((start, start + size, one["type"]))
    for first, last, kind in ranges:
        for other, end, inner in ranges:
            if first < other < last < end:
                raise Refusal(400, "Bad Request: can't parse entities: entities overlap")
            if kind in ("code", "pre") and first <= other and end <= last and inner not in ("code", "pre"):
                raise Refusal(400, "Bad Request: can't parse entities: nothing may be inside of code")


def parse_html(text: str) -> str:
    """HTML of the Bot API → plain text; raises the Refusal of the original for what is unknown or unbalanced."""
    plain, open_tags, at = [], list[str](), 0
    for found in re.finditer(r"<(/?)([A-Za-z0-9-]*)([^<>]*)(>?)|&(#?\w*);?", text):
        plain.append(text[at : found.start()])
        at = found.end()
        where = len(text[: found.start()].encode())
        if found[5] is not None:
            known = found[5] in _NAMED or found[5].startswith("#")
            plain.append(unescape(found[0]) if known else found[0])
            continue
        closing, tag = found[1], found[2].lower()
        if not found[4]:
            raise Refusal(400, f"Bad Request: can't parse entities: Unclosed start tag at byte offset {where}")
        if tag not in _TAGS:
            said = f'Unsupported start tag "{tag}" at byte offset {where}'
            raise Refusal(400, f"Bad Request: can't parse entities: {said}")
        if not closing:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            raise Refusal(400, f"Bad Request: can't parse entities: Unmatched end tag at byte offset {where}")
    if open_tags:
        raise Refusal(
            400, f"Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1]}\""
        )
    return "".join([*plain, text[at:]])


def check_keyboard(markup: Any) -> None:
    """Inline keyboards: rows of buttons, each with a text and one action."""
    for row in (markup or {}).get("inline_keyboard", []):
        if not isinstance(row, list):
            raise Refusal(400, "Bad Request: object expected as reply markup")
        for button in row:
            if not isinstance(button, dict) or not button.get("text"):
                raise Refusal(
                    400, 'Bad Request: can\'t parse inline keyboard button: Field "text" must be of type String'
                )
            if "url" in button and not _is_url(button["url"]):
                raise Refusal(
                    400, f"Bad Request: inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
                )
            if "url" not in button and "callback_data" not in button:
                raise Refusal(
                    400,
                    "Bad Request: can't parse inline keyboard button: Text buttons are unallowed here",
                )
            if len(str(button.get("callback_data", "")).encode()) > 64:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")


def _parameters(method: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method not in ("GET", "POST"):
        raise Refusal(404, "Not Found")
    if method == "GET" or kind == "application/x-www-form-urlencoded":
        query = urlsplit(path).query if method == "GET" else body.decode()
        flat = {name: values[-1] for name, values in parse_qs(query).items()}
        structured = ("entities", "link_preview_options", "reply_markup", "disable_notification", "message_id")
        return {name: json.loads(value) if name in structured else value for name, value in flat.items()}
    if kind == "multipart/form-data":
        return read_form(headers["content-type"], body)
    if kind != "application/json":
        raise Refusal(400, "Bad Request: unsupported content type")
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise Refusal(400, "Bad Request: can't parse JSON object") from None
    if not isinstance(found, dict):
        raise Refusal(400, "Bad Request: JSON object expected")
    return found


async def _write(writer: asyncio.StreamWriter, told: Scripted) -> bool:
    if told.wait is not None:
        await told.wait.wait()
    if told.hang_up:
        writer.transport.abort()
        return False
    body = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *told.headers]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    writer.write(f"HTTP/1.1 {told.status} Told\r\n{lines}\r\n".encode() + body)
    await writer.drain()
    return True


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_url(value: object) -> bool:
    return isinstance(value, str) and bool(
        re.match(r"(https?://|tg://)[^\s/.]+\.[^\s]+|https?://\d|tg://|mailto:", value)
    )


async def main(port: int, token: str, log: Path | None, per_chat: float | None) -> None:
    """Serve until killed; one line of JSON for each message taken, on stdout and in the log, before the answer."""
    ledger = log.open("ab", buffering=0) if log else None

    def record(message: dict[str, Any]) -> None:
        line = json.dumps(message, default=lambda content: f"{len(content)} bytes") + "\n"
        print(line, end="", flush=True)
        if ledger:
            ledger.write(line.encode())
            os.fsync(ledger.fileno())

    async with BotApi(token, port, per_chat=per_chat, on_message=record) as api:
        print(f"Bot API at {api.url}", file=sys.stderr, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A strict fake of Telegram's Bot API.")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=BotApi.token)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--per-chat", type=float)
    given = parser.parse_args()
    asyncio.run(main(given.port, given.token, given.log, given.per_chat))
