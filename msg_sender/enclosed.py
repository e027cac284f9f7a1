"""What goes with a message: the files in it, ready to be sent, and the links to the others, which we never fetch."""

from __future__ import annotations

import mimetypes
import re
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from service_kit.pictures import picture_kind
from wire.message import Enclosure, Message

_LINK = re.compile(r"https?://[^\s/]", re.IGNORECASE)
#: `multipart` and `message` say how a mail is built, and are no types of a file.
_KIND = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_UNKNOWN = "application/octet-stream"
_INLINE = "data:"


@dataclass(frozen=True)
class File:
    """`name` and `kind`, a media type, can stand in a header as they are. A picture's kind is what its bytes prove."""

    name: str
    kind: str
    body: bytes
    is_picture: bool


class Link(NamedTuple):
    """`url` is None when it is nothing that people can open."""

    name: str
    url: str | None
    kind: str


class Enclosed(NamedTuple):
    """What goes with one message, taken apart once: megabytes of base64 are in it."""

    files: list[File]
    links: list[Link]


def enclosed(message: Message) -> Enclosed:
    """Files: its contents, and what stands in `data:` addresses. Links: all the others."""
    found = Enclosed([], [])
    for one in message.attachments:
        body = _content(one)
        if body is None:
            found.links.append(Link(_name(one), one.url if can_open(one.url) else None, _kind(one)))
        else:
            picture = picture_kind(body)
            found.files.append(File(_name(one), picture or _kind(one), body, picture is not None))
    return found


def can_open(url: str | None) -> bool:
    """Whether it is a link that people expect."""
    return url is not None and _LINK.match(url) is not None


def _content(one: Enclosure) -> bytes | None:
    if one.content is not None:
        return b64decode(one.content)
    head, comma, text = (one.url or "").partition(",")
    if not head.startswith(_INLINE) or not comma:
        return None
    try:
        return b64decode(text, validate=True) if head.endswith(";base64") else unquote_to_bytes(text)
    except Error:
        return None


def _kind(one: Enclosure) -> str:
    """What was said, or else what the address suggests."""
    said = one.type.strip().lower()
    if said == _UNKNOWN and one.url and not one.url.startswith(_INLINE):
        said = _kinds().guess_type(_path(one.url), strict=False)[0] or _UNKNOWN
    return said if _KIND.fullmatch(said) else _UNKNOWN


@cache
def _kinds() -> mimetypes.MimeTypes:
    """The table that comes with Python, the same on every machine."""
    return mimetypes.MimeTypes()


def _name(one: Enclosure) -> str:
    """One line, without a folder."""
    given = one.name or (_path(one.url) if can_open(one.url) else "")
    name = "".join(char if char.isprintable() else " " for char in given)
    return " ".join(re.split(r"[/\\]", name)[-1].split()) or "attachment"


def _path(url: str | None) -> str:
    return re.split(r"[?#]", url or "")[0].rstrip("/")
