"""What to call of the Bot API so that a chat has a message: its text, then its files. Pure.

Formatting goes as entities beside the plain text, so there is no markup to break. What replaces an earlier message
changes its text and buttons in place, or is sent anew when that one is gone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msg_sender import markup, utf16
from msg_sender.channels.contract import Outgoing
from msg_sender.enclosed import File, Link, can_open, enclosed

#: What Telegram takes in one message, in UTF-16 units.
LIMIT = 4096
#: The Bot API takes a hundred; more does not help a reader.
_MAX_ENTITIES, _MAX_BUTTONS, _LABEL = 100, 8, 60
#: Files that follow one text; the others are only named.
_MAX_FILES = 10
#: A larger picture is sent as a file.
_PHOTO_BYTES = 10 * 1024 * 1024
_PHOTOS = ("image/jpeg", "image/png", "image/webp")
#: What Telegram itself fetches from a URL and sends as a file; of anything else it says that it cannot.
_FETCHED = ("image/gif", "application/pdf", "application/zip")
#: Files do not ring once more.
_QUIET = {"disable_notification": True}
_ICONS = {"info": "ℹ️", "success": "✅", "warning": "⚠️", "error": "❌", "critical": "🔥"}
#: What tells that the message to be changed is not there, or not to be changed any more.
_GONE = re.compile(
    r"message to edit not found|message can't be edited|MESSAGE_ID_INVALID|no text in the message", re.IGNORECASE
)
#: It reads so already: an earlier try was taken after all, or there is nothing new in it.
_UNCHANGED = "message is not modified"
_REFERENCE = re.compile(r"[0-9]{1,15}")
#: Refusals of the formatting, not of the text: what Telegram says of entities, links and buttons that it dislikes.
_FORMAT = re.compile(r"can't parse|entit|button|url|reply.?markup", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """One call of the Bot API. `otherwise` is what to call when this is refused, `anew` when what it changes is gone;
    not `vital`: the text says where to find it."""

    method: str
    body: dict[str, Any]
    file: File | None = None
    otherwise: Part | None = None
    anew: Part | None = None
    vital: bool = True

    def after(self, status: int, said: str) -> Part | None:
        """What to call when this was answered so; None when that was it."""
        if status != 400 or _UNCHANGED in said:
            return None
        if self.anew is not None and _GONE.search(said):
            return self.anew
        is_text = self.method in ("sendMessage", "editMessageText")
        return None if is_text and not _FORMAT.search(said) else self.otherwise

    def is_done(self, status: int, answer: dict[str, Any]) -> bool:
        """Whether the answer says that the reader has it."""
        if status == 200:
            return answer.get("ok") is not False
        return self.method == "editMessageText" and status == 400 and _UNCHANGED in description(answer)


def parts(message: Outgoing) -> list[Part]:
    """The text, then its files. The text names what does not surely follow it: no empty file can."""
    beside = enclosed(message)
    sent = [file for file in beside.files if file.body][:_MAX_FILES]
    named = [*beside.links, *(Link(file.name, None, file.kind) for file in beside.files if file not in sent)]
    text = _text(message, named)
    found = [*map(_upload, sent), *(_fetched(link) for link in beside.links if _can_fetch(link))]
    return [text, *found[:_MAX_FILES]]


def _text(message: Outgoing, named: Sequence[Link]) -> Part:
    """As a new message, or in the place of the one that it replaces."""
    formatted, bare = render(message, named), plain(message, named)
    new = Part("sendMessage", formatted, otherwise=Part("sendMessage", bare))
    reference = message.earlier.reference if message.earlier else None
    if reference is None or not _REFERENCE.fullmatch(reference):
        return new
    place = {"message_id": int(reference)}
    silent = {name: value for name, value in formatted.items() if name != "disable_notification"}  # it never rings
    unformatted = Part("editMessageText", {**place, **bare}, anew=new)
    return Part("editMessageText", {**place, **silent}, otherwise=unformatted, anew=new)


def _upload(file: File) -> Part:
    document = Part("sendDocument", _QUIET, file)
    fits = file.is_picture and file.kind in _PHOTOS and len(file.body) <= _PHOTO_BYTES
    return Part("sendPhoto", _QUIET, file, otherwise=document) if fits else document


def _fetched(link: Link) -> Part:
    """Telegram fetches it, or not: the link stands in the text."""
    method = "sendPhoto" if link.kind in _PHOTOS else "sendDocument"
    return Part(method, {field_of(method): link.url, **_QUIET}, vital=False)


def _can_fetch(link: Link) -> bool:
    return link.url is not None and link.kind in (*_PHOTOS, *_FETCHED)


def field_of(method: str) -> str:
    """`sendPhoto` → `photo`."""
    return method.removeprefix("send").lower()


def render(message: Outgoing, named: Sequence[Link] = ()) -> dict[str, Any]:
    """The parameters of sendMessage but for the chat: text with entities, attachments by name, the links as buttons."""
    title = " ".join(message.title.split())
    head = f"{_ICONS[message.severity]} {title}" if title else _ICONS[message.severity]
    body, entities = markup.as_entities(utf16.head(message.message, 4 * LIMIT))
    text = f"{head}\n\n{body}" if title and body else head + (" " + body if body else "")
    shift = utf16.length(text) - utf16.length(body)
    bold = [markup.Entity("bold", utf16.length(head) - utf16.length(title), utf16.length(title))] if title else []
    moved = [markup.Entity(one.type, one.offset + shift, one.length, one.url, one.language) for one in entities]
    tail = _listed(named)
    text, kept = utf16.cut(text, LIMIT - sum(utf16.length(line) for line, _ in tail))
    _, entities = markup.clip(text, sorted(bold + moved, key=lambda one: (one.offset, -one.length)), kept)
    del entities[_MAX_ENTITIES - len(tail) :]
    for line, url in tail:
        if url:
            skipped = utf16.length(line) - utf16.length(line.lstrip())
            entities.append(markup.Entity("text_link", utf16.length(text) + skipped, utf16.length(line) - skipped, url))
        text += line
    return {
        "text": text,
        "entities": [one.wire() for one in entities],
        "link_preview_options": {"is_disabled": True},
        "disable_notification": message.severity in ("info", "success"),
        **_keyboard(message),
    }


def _listed(named: Sequence[Link]) -> list[tuple[str, str | None]]:
    """Lines under the text, with the address that each leads to."""
    lines = [(f"📎 {utf16.head(link.name, _LABEL)}", link.url) for link in named[:_MAX_FILES]]
    more = len(named) - len(lines)
    lines += [(f"📎 +{more}", None)] if more else []
    return [(("\n" if number else "\n\n") + line, url) for number, (line, url) in enumerate(lines)]


def plain(message: Outgoing, named: Sequence[Link] = ()) -> dict[str, Any]:
    """The same with nothing that could be refused: the Markdown as it is, the links as text."""
    listed = (link.url or link.name for link in named[:_MAX_FILES])
    said = (f"{_ICONS[message.severity]} {message.title}".strip(), message.message, message.url or "", *listed)
    text, _ = utf16.cut("\n\n".join(part for part in said if part.strip()), LIMIT)
    return {"text": text, "link_preview_options": {"is_disabled": True}}


def _keyboard(message: Outgoing) -> dict[str, Any]:
    links = [("Open", message.url), *((button.label, button.url) for button in message.buttons)]
    rows = [[{"text": label[:_LABEL], "url": url}] for label, url in links if url and can_open(url)]
    return {"reply_markup": {"inline_keyboard": rows[:_MAX_BUTTONS]}} if rows else {}


def description(answer: dict[str, Any]) -> str:
    return str(answer.get("description") or "")[:500]
