"""Pictures of a notice: served by us, only when they are pictures, and only from where we may go."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from notice_center import pictures
from service_kit.egress import Egress
from tests.notice_center.conftest import INBOX, NOTICES, post

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
KINDS = {
    "png": (PNG, "image/png"), "jpeg": (b"\xff\xd8\xff\xe0" + b"\0" * 9, "image/jpeg"),
    "gif": (b"GIF89a" + b"\0" * 9, "image/gif"), "webp": (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", None),
    "html": (b"<!doctype html><script>alert(1)</script>", None), "nothing": (b"", None),
}  # fmt: skip


def inline(body: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[str]:
    """A server that says one thing; its address."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/a.png"


@pytest.mark.parametrize("name", KINDS)
async def test_a_picture_is_known_by_its_first_bytes(center: httpx2.AsyncClient, name: str) -> None:
    body, kind = KINDS[name]
    attachment = {"url": inline(body), "type": "image/png"}
    await post(center, {"id": "n", "title": "t", "recipients": ["u1"], "attachments": [attachment]})
    for path, query in ((f"{NOTICES}/n", {}), (f"{INBOX}/n", {"recipient": "u1"})):
        answer = await center.get(f"{path}/pictures/0", params=query)
        assert answer.status_code == (200 if kind else 404)
        if kind:
            assert (answer.headers["content-type"], answer.content) == (kind, body)
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_only_what_the_notice_has_is_fetched(center: httpx2.AsyncClient) -> None:
    await post(center, {"id": "n", "title": "t", "recipients": ["u1"], "attachments": [{"url": inline(PNG)}]})
    assert (await center.get(f"{NOTICES}/n/pictures/1")).status_code == 404
    assert (await center.get(f"{NOTICES}/absent/pictures/0")).status_code == 404
    assert (await center.get(f"{INBOX}/n/pictures/0", params={"recipient": "u2"})).status_code == 404
    assert (await center.get(f"{NOTICES}/n/pictures/-1")).status_code == 422


REFUSED = ["http://127.0.0.1:9/a.png", "http://169.254.169.254/x", "file:///etc/passwd", "/a.png", "data:image/png,raw"]


@pytest.mark.parametrize("url", REFUSED, ids=["loopback", "metadata", "file", "path", "data"])
async def test_it_goes_only_where_it_may(center: httpx2.AsyncClient, url: str) -> None:
    await post(center, {"id": "n", "title": "t", "attachments": [{"url": url}], "recipients": ["u1"]})
    answer = await center.get(f"{NOTICES}/n/pictures/0")
    assert (answer.status_code, answer.json()["code"]) == (404, "no-picture")


HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"
ANSWERS = {
    "a picture": (HEAD + b"content-type: text/html\r\n\r\n" + PNG, None),
    "not there": (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "answered 404"),
    "elsewhere": (b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n", "answered 302"),
    "too large": (HEAD + b"\r\n" + PNG + b"\0" * pictures.MAX_BYTES, "at most 5 MB"),
    "no HTTP": (b"hello", "not HTTP"),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_what_a_server_may_answer(name: str) -> None:
    said, complaint = ANSWERS[name]
    egress = Egress(["127.0.0.0/8"])
    try:
        async with server(said) as url:
            if complaint is None:
                assert await pictures.fetch(egress, url) == pictures.Picture("image/png", PNG)
            else:
                with pytest.raises(pictures.NoPicture, match=complaint):
                    await pictures.fetch(egress, url)
    finally:
        await egress.close()
