"""Files as the Bot API takes them: forms with a file in them, and what the original refuses of photos and documents."""

from __future__ import annotations

import json
import re
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

CAPTION = 1024
PHOTO_BYTES, DOCUMENT_BYTES = 10 * 1024 * 1024, 50 * 1024 * 1024
_SIDES, _RATIO = 10_000, 20
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
#: What sendDocument fetches; sendPhoto fetches pictures.
_FETCHED = {"photo": (".jpg", ".jpeg", ".png", ".webp"), "document": (".gif", ".pdf", ".zip")}


class Unfit(Exception):
    """What the original says of it, without its `Bad Request: `."""


def read_form(content_type: str, body: bytes) -> dict[str, Any]:
    """multipart/form-data → field → its text as the value that it is, or a file: {name, type, bytes}. Raises Unfit."""
    mail = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    if not mail.is_multipart() or mail.defects:
        raise Unfit("can't parse multipart form")
    return dict(_field(part) for part in mail.iter_parts())


def check_file(kind: str, given: object) -> None:
    """`kind` is photo or document; a file of a form, or the URL of one. Raises Unfit."""
    if given in (None, ""):
        raise Unfit(f"there is no {kind} in the request")
    if isinstance(given, str):
        _check_url(kind, given)
        return
    assert isinstance(given, dict)
    body = given["bytes"]
    if not body:
        raise Unfit("file must be non-empty")
    if len(body) > (PHOTO_BYTES if kind == "photo" else DOCUMENT_BYTES):
        raise Unfit(f"file of size {len(body)} bytes is too big for a {kind}")
    if kind == "photo":
        _check_photo(body)


def _field(part: Any) -> tuple[str, Any]:
    assert isinstance(part, EmailMessage)
    if part.get_content_disposition() != "form-data" or part.get("content-transfer-encoding"):
        raise Unfit("can't parse multipart form")
    name = str(part.get_param("name", "", "content-disposition"))
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    if part.get_filename() is not None:
        return name, {"name": part.get_filename(), "type": part.get_content_type(), "bytes": content}
    text = content.decode()
    is_json = re.fullmatch(r"true|false|-?\d+|[\[{].*", text, re.DOTALL) and name not in ("caption", "text")
    return name, json.loads(text) if is_json else text


def _check_url(kind: str, url: str) -> None:
    if not re.match(r"https?://[^\s/.]+\.[^\s]+", url):
        raise Unfit("wrong file identifier/HTTP URL specified")
    if not re.split("[?#]", url)[0].lower().endswith(_FETCHED[kind]):
        raise Unfit("wrong type of the web page content")


def _check_photo(body: bytes) -> None:
    if not body.startswith(_PICTURES):
        raise Unfit("IMAGE_PROCESS_FAILED")
    if body.startswith(b"\x89PNG"):
        width, height = int.from_bytes(body[16:20]), int.from_bytes(body[20:24])
        if not (width and height) or width + height > _SIDES or max(width, height) > _RATIO * min(width, height):
            raise Unfit("PHOTO_INVALID_DIMENSIONS")
