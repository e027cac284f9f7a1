"""The server itself: connections that are idle are closed, and no others."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from service_kit.serve import listen, serving
from service_kit.settings import HttpSettings

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
UPGRADE = (
    b"GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
#: A text frame "hi", masked with zeros, and as it comes back.
HI, HI_BACK = b"\x81\x82\0\0\0\0hi", b"\x81\x02hi"


class App:
    """Answers `GET /` at once, `GET /slow` when told to, and echoes on a websocket."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while (message := await receive())["type"] == "websocket.receive":
                await send({"type": "websocket.send", "text": message["text"]})
            return
        if scope["path"] == "/slow":
            self.asked.set()
            await self.answer.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, request: bytes) -> bytes:
        self.writer.write(request)
        return await self.reader.readuntil(b"\r\n\r\n")

    async def closed(self) -> bool:
        return await self.reader.read() == b""


class House:
    def __init__(self, app: App, port: int) -> None:
        self.app = app
        self._port = port
        self._clients: list[Client] = []

    async def client(self) -> Client:
        self._clients.append(Client(*await asyncio.open_connection("127.0.0.1", self._port)))
        return self._clients[-1]

    async def close(self) -> None:
        for client in self._clients:
            client.writer.close()
            with contextlib.suppress(OSError):
                await client.writer.wait_closed()

    async def idle_time_passes(self) -> None:
        """As long as it takes until a connection that asked once, just now, is closed."""
        other = await self.client()
        await other.ask(GET)
        assert await other.closed()


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr("service_kit.serve.IDLE_SECONDS", 0.2)
    listener = listen(HttpSettings(port=0))
    app = App()
    async with asyncio.timeout(40), serving(app, listener):
        house = House(app, listener.getsockname()[1])
        yield house
        await house.close()


async def test_a_connection_that_is_used_stays_and_an_idle_one_is_closed(house: House) -> None:
    used = await house.client()
    others = asyncio.create_task(house.idle_time_passes())
    while not others.done():
        assert b"204" in await used.ask(GET)
    assert await used.closed()


async def test_a_request_that_takes_longer_is_answered(house: House) -> None:
    waiting = await house.client()
    await waiting.ask(GET)
    answer = asyncio.create_task(waiting.ask(GET.replace(b"/ ", b"/slow ", 1)))
    await house.app.asked.wait()
    await house.idle_time_passes()
    await house.idle_time_passes()
    house.app.answer.set()
    assert b"204" in await answer


async def test_a_websocket_on_a_connection_that_was_used_before_stays(house: House) -> None:
    client = await house.client()
    await client.ask(GET)
    assert b"101" in await client.ask(UPGRADE)
    await house.idle_time_passes()
    await house.idle_time_passes()
    client.writer.write(HI)
    assert await client.reader.readexactly(len(HI_BACK)) == HI_BACK


async def test_headers_that_never_end_keep_no_connection(house: House) -> None:
    slow = await house.client()
    await slow.ask(GET)
    slow.writer.write(GET[:10])
    assert await slow.closed()
