"""Where the other services are: under one base URL, or in this very process. Callers cannot tell the difference."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2
from starlette.types import ASGIApp

from service_kit.secrets import Secret

#: One request between services: they answer in milliseconds, or something is wrong.
TIMEOUT = httpx2.Timeout(15.0, connect=3.0)
#: A frame between services: a snapshot page at most.
MAX_FRAME = 16 * 1024 * 1024


class SocketClosed(Exception):
    """The websocket ended. `code` and `reason` are those of RFC 6455 §7.4; 1006 when it broke."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Socket(Protocol):
    """A websocket of text frames. Both methods raise SocketClosed when it has ended."""

    async def send(self, text: str) -> None: ...

    async def receive(self) -> str: ...


@dataclass(frozen=True)
class Peer:
    """`app` set: talk to it in this process; else talk to `base_url`. `token` goes with every request."""

    base_url: str
    token: Secret
    app: ASGIApp | None = None

    def http(self) -> httpx2.AsyncClient:
        """A client with the base URL and the token set; close it at the end."""
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False) if self.app else None
        return httpx2.AsyncClient(
            base_url=self.base_url,
            headers=self.headers,
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,
            # without TLS there is nobody to verify, and to read all authorities takes 20 ms of each start
            verify=urlsplit(self.base_url).scheme == "https",
        )

    @contextlib.asynccontextmanager
    async def websocket(self, path: str) -> AsyncIterator[Socket]:
        """Open a websocket to `path`. Raises SocketClosed or OSError when it is refused."""
        opened = self._in_process(path) if self.app else self._over_network(path)
        async with opened as socket:
            yield socket

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token.get_secret_value()}"}

    @contextlib.asynccontextmanager
    async def _over_network(self, path: str) -> AsyncIterator[Socket]:
        import websockets  # noqa: PLC0415 - not needed when all is one process
        from websockets.asyncio.client import connect  # noqa: PLC0415

        url = "ws" + self.base_url.removeprefix("http").rstrip("/") + path
        context = ssl.create_default_context() if urlsplit(url).scheme == "wss" else None
        try:
            async with connect(
                url,
                additional_headers=self.headers,
                max_size=MAX_FRAME,
                ssl=context,
                proxy=None,
                compression=None,
                close_timeout=1,  # who left without a word does not say goodbye either
            ) as connection:
                yield _NetworkSocket(connection)
        except (websockets.InvalidStatus, websockets.InvalidHandshake, TimeoutError) as error:
            raise SocketClosed(1006, str(error)) from error

    @contextlib.asynccontextmanager
    async def _in_process(self, path: str) -> AsyncIterator[Socket]:
        assert self.app is not None
        socket = AppSocket()
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws", "path": path,
            "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
            "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0), "subprotocols": [], "state": {}, "extensions": {},
        }  # fmt: skip
        running = asyncio.create_task(_run_app(self.app, scope, socket))
        try:
            await socket.accepted()
            yield socket
        finally:
            socket.leave()
            try:  # neither suppressed nor wait_for: who is cancelled here must hear of it
                await asyncio.wait({running}, timeout=2)
            finally:
                running.cancel()


class _NetworkSocket:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        import websockets  # noqa: PLC0415

        try:
            await self._connection.send(text)
        except websockets.ConnectionClosed as error:
            raise _closed(error) from error

    async def receive(self) -> str:
        import websockets  # noqa: PLC0415

        try:
            return str(await self._connection.recv(decode=True))
        except websockets.ConnectionClosed as error:
            raise _closed(error) from error


def _closed(error: Any) -> SocketClosed:
    frame = error.rcvd or error.sent
    return SocketClosed(frame.code if frame else 1006, frame.reason if frame else "connection lost")


class AppSocket:
    """A websocket to an ASGI app in this process: two queues, bounded so that a slow reader slows its app."""

    def __init__(self) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=256)
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._ended: SocketClosed | None = None

    async def send(self, text: str) -> None:
        if self._ended:
            raise self._ended
        self._to_app.put_nowait({"type": "websocket.receive", "text": text})

    async def receive(self) -> str:
        message = await self._next()
        return str(message["text"]) if message.get("text") is not None else message["bytes"].decode()

    async def accepted(self) -> None:
        await self._next()

    def leave(self) -> None:
        """Tell the app that this end has gone."""
        self._ended = self._ended or SocketClosed(1000, "left")
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1000, "reason": ""})
        while not self._from_app.empty():
            self._from_app.get_nowait()

    async def from_app(self, message: Any) -> None:
        if self._ended:
            raise OSError("the other end has gone")
        await self._from_app.put(message)

    async def to_app(self) -> Any:
        return await self._to_app.get()

    async def _next(self) -> dict[str, Any]:
        if self._ended:
            raise self._ended
        message = await self._from_app.get()
        if message["type"] in ("websocket.close", "websocket.http.response.start"):
            self._ended = SocketClosed(message.get("code", message.get("status", 1006)), message.get("reason") or "")
            raise self._ended
        return message


async def _run_app(app: ASGIApp, scope: dict[str, Any], socket: AppSocket) -> None:
    try:
        await app(scope, socket.to_app, socket.from_app)
    finally:
        with contextlib.suppress(OSError, asyncio.QueueFull):
            await socket.from_app({"type": "websocket.close", "code": 1006, "reason": "ended"})


@dataclass(frozen=True)
class Peers:
    """How this process reaches the services. `urls` overrides `server` for the services that it names."""

    server: str
    token: Secret
    urls: Mapping[str, str]
    app: ASGIApp | None = None

    def to(self, service: str) -> Peer:
        """The peer of that name: "notifier", "configurator", "notice_center" or "msg_sender"."""
        return Peer(self.urls.get(service, self.server), self.token, self.app)
