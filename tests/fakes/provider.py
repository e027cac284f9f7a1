"""A scripted HTTP server: what providers do on good and bad days, one answer for each request, in order.

`async with Provider(script=[told(503), told(429, retry_after="3"), Told()]) as provider: … provider.url`. It also
serves as the canary that a guarded client must never touch: `provider.requests` and `provider.connections` stay empty.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Request:
    """One request as it came; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Told:
    """One answer. `body` is what follows the headers; `length` None leaves the connection's end to end it.

    `silent`: never answer. `drip`: seconds between the bytes. `endless`: the body repeats for ever.
    `cut`: hang up after this many bytes of the body; -1 before the status line.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"{}"
    length: int | None = -1  # -1: the true one
    silent: bool = False
    drip: float = 0.0
    endless: bool = False
    cut: int | None = None
    raw: bytes | None = None


def told(status: int, body: bytes = b"{}", **headers: str) -> Told:
    """`told(429, retry_after="3")`."""
    return Told(status, tuple((name.replace("_", "-"), value) for name, value in headers.items()), body)


def bomb(megabytes: int = 64) -> Told:
    """A small gzip that grows without measure when it is unpacked."""
    return told(200, gzip.compress(b"0" * megabytes * 1024 * 1024), content_encoding="gzip")


SILENT = Told(silent=True)
ENDLESS = Told(body=b"x" * 65536, length=None, endless=True)
DRIPPING = Told(body=b"x" * 100_000, drip=0.05)
CUT_IN_BODY = Told(body=b'{"ok": true, "result": {}}', cut=5)
CUT_BEFORE_ANSWER = Told(cut=-1)
NOT_HTTP = Told(raw=b"\x00\x01\x02 what?\r\n\r\n")


@dataclass
class Provider:
    """Serves on `host` and a free port. Without a script, or behind its end, it answers 200."""

    script: list[Told] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    on_request: Callable[[Request], None] | None = None
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' if self.tls else ''}://{host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, self.host, self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            while True:
                request = await _read(reader)
                self.requests.append(request)
                if self.on_request:
                    self.on_request(request)
                if not await self._answer(self.script.pop(0) if self.script else Told(), writer):
                    break
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, told: Told, writer: asyncio.StreamWriter) -> bool:
        if told.silent:
            await asyncio.Event().wait()
        if told.cut == -1:
            writer.transport.abort()
            return False
        if told.raw is not None:
            writer.write(told.raw)
            await writer.drain()
            return False
        writer.write(_head(told))
        if told.drip:
            for byte in told.body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(told.drip)
        while told.endless:
            writer.write(told.body)
            await writer.drain()
        writer.write(told.body if told.cut is None else told.body[: told.cut])
        await writer.drain()
        return told.cut is None and told.length is not None


def _head(told: Told) -> bytes:
    def lines() -> Iterator[str]:
        yield f"HTTP/1.1 {told.status} Told"
        yield from (f"{name}: {value}" for name, value in told.headers)
        if told.length is not None:
            yield f"Content-Length: {len(told.body) if told.length == -1 else told.length}"
        yield "\r\n"

    return "\r\n".join(lines()).encode("latin-1")


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))
