"""Pictures that a notice brings: fetched by us when somebody looks, never by their browser, which would tell a
stranger who looks and when. Only what is a picture by its first bytes is handed on; drawings with scripts in them (SVG)
are not."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from http import HTTPStatus

from service_kit.egress import Egress, EgressError
from service_kit.pictures import picture_kind
from service_kit.problems import Problem

#: A screenshot of a large dashboard is below 2 MB.
MAX_BYTES = 5 * 1024 * 1024
_INLINE = "data:"


class NoPicture(Problem):
    """The attachment cannot be shown as a picture; the detail says why."""

    status = HTTPStatus.NOT_FOUND
    code = "no-picture"


@dataclass(frozen=True)
class Picture:
    """Bytes that are a picture of that media type."""

    kind: str
    body: bytes


async def fetch(egress: Egress, url: str) -> Picture:
    """The picture at an attachment's address, or inside of it. Raises NoPicture."""
    body = _inside(url) if url.startswith(_INLINE) else await _ask(egress, url)
    kind = picture_kind(body)
    if kind is None:
        raise NoPicture("expected a PNG, JPEG, GIF or WebP picture")
    return Picture(kind, body)


async def _ask(egress: Egress, url: str) -> bytes:
    try:
        answer = await egress.request("GET", url, headers={"accept": "image/*"}, limit=MAX_BYTES)
    except EgressError as error:
        raise NoPicture(f"the picture cannot be fetched: {error}") from None
    if answer.status != 200:
        raise NoPicture(f"the picture cannot be fetched: its server answered {answer.status}")
    if not answer.complete:
        raise NoPicture(f"expected a picture of at most {MAX_BYTES // 1024 // 1024} MB that comes in time")
    return answer.body


def _inside(url: str) -> bytes:
    """The bytes of a `data:` address."""
    head, _, text = url.partition(",")
    if not head.endswith(";base64"):
        raise NoPicture("expected a data: address in base64")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise NoPicture("expected a data: address in base64") from None
