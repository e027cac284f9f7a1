"""Requests whose headers never end, in bytes or in time: they cost the server little, and nobody else anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from service_kit.serve import listen, serving
from service_kit.settings import HttpSettings

GET = b"GET / HTTP/1.1\r\nhost: x\r\n"
LAST = b"connection: close\r\n\r\n"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    listener = listen(HttpSettings(port=0))
    async with serving(hello, listener):
        yield listener.getsockname()[1]


async def answer_to(port: int, *pieces: bytes) -> bytes:
    """All that is answered until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(40):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("start", "more"),
    [(GET + b"x: ", b"a"), (GET, b"x: a\r\n"), (b"GET /", b"a"), (GET + b"\r\n" + GET + b"x: ", b"a")],
    ids=["one header", "many headers", "the address", "the second request"],
)
async def test_headers_without_end_are_refused(port: int, start: bytes, more: bytes) -> None:
    answer = await answer_to(port, start, *[more * (8192 // len(more) + 1)] * 8)
    assert answer.rpartition(b"HTTP/1.1 ")[2].startswith(b"431"), answer
    assert b"hello" in await answer_to(port, GET + LAST), "others are served"


async def test_long_headers_within_the_limit_are_taken_in_pieces(port: int) -> None:
    assert b"hello" in await answer_to(port, GET + b"x: ", *[b"a" * 6_000] * 10, b"\r\n" + LAST)


async def test_a_large_body_is_no_header(port: int) -> None:
    body = b"b" * 1_000_000
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n" % len(body)
    assert b"hello" in await answer_to(port, head + LAST, body)


@pytest.mark.parametrize("start", [b"", b"GET / HT", GET], ids=["nothing", "a line", "a header"])
async def test_a_first_request_that_never_ends_is_not_waited_for_for_ever(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service_kit.serve.IDLE_SECONDS", 0.2)
    listener = listen(HttpSettings(port=0))
    async with serving(hello, listener):
        assert await answer_to(listener.getsockname()[1], start) == b""
