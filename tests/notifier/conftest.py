"""A notifier for tests: in this process, or served on a real port."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect

from notifier.app import open_app
from notifier.settings import NotifierSettings, Settings
from service_kit.peer import Peer, Peers
from service_kit.secrets import Secret, hash_token
from service_kit.serve import listen, serving
from service_kit.settings import Common, HttpSettings, JwtSettings
from service_kit.tasks import Tasks

BOOTSTRAP = "bootstrap-token-of-the-tests"
ORIGIN = "https://panel.example.org"


class Notifier:
    """One running notifier; `port` is set when it is served."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def peer(self, token: str = BOOTSTRAP, *, in_process: bool = False) -> Peer:
        return Peer(self.url, Secret(token), self.app if in_process else None)

    def http(self, token: str = BOOTSTRAP) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(
            base_url="http://test", transport=transport, headers=headers, trust_env=False, timeout=40
        )

    async def publish(self, *events: dict[str, Any], token: str = BOOTSTRAP) -> list[str]:
        """The status of each event."""
        async with self.http(token) as http:
            answer = await http.post("/api/v1/events", json=list(events))
            return [result["status"] for result in answer.json()["results"]]

    async def grant(self, token: str, *scopes: str, **more: Any) -> None:
        """Make a token known, as the configurator does."""
        data = {"id": f"t-{token}", "name": token, "scopes": list(scopes), **more}
        assert await self.publish({"topic": "token", "key": hash_token(token), "data": data}) == ["accepted"]

    async def revoke(self, token: str) -> None:
        await self.publish({"topic": "token", "key": hash_token(token), "action": "deleted"})

    async def followers(self) -> int:
        """How many websockets are open."""
        async with self.http() as http:
            text = (await http.get("/metrics")).text
        return int(float(text.partition("\nalertwrap_followers ")[2].split()[0]))

    def connect(self, token: str | None = BOOTSTRAP, headers: dict[str, str] | None = None, **given: Any) -> Any:
        headers = {**(headers or {}), **({"authorization": f"Bearer {token}"} if token else {})}
        return connect(
            f"ws://127.0.0.1:{self.port}/api/v1/follow",
            additional_headers=headers,
            proxy=None,
            **{"close_timeout": 0.5, **given},
        )


async def heard(socket: ClientConnection, kind: str | None = None, deadline: float = 40) -> dict[str, Any]:
    """The next frame, or the next of that type."""
    async with asyncio.timeout(deadline):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if kind is None or frame["type"] == kind:
                return frame


async def say(socket: ClientConnection, **members: Any) -> None:
    await socket.send(json.dumps(members))


async def close_code(socket: ClientConnection, deadline: float = 40) -> int:
    """Read to the end; the code that the server closed with."""
    async with asyncio.timeout(deadline):
        try:
            while True:
                await socket.recv()
        except websockets.ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 1006


def event(key: str = "k", topic: str = "host.mount", **more: Any) -> dict[str, Any]:
    return {"topic": topic, "key": key, "data": {"used": 1}, **more}


@asynccontextmanager
async def running(data: Path, port: int = 0, jwt: dict[str, Any] | None = None, **own: Any) -> AsyncIterator[Notifier]:
    """A notifier on this data directory, served on a real port of this loop."""
    http = HttpSettings(port=port, origins=(ORIGIN,))
    common = Common(token=Secret(BOOTSTRAP), data=data, http=http, jwt=JwtSettings(**jwt or {}))
    settings = Settings(notifier=NotifierSettings(**own))
    tasks = Tasks()
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(
            open_app(settings, common, Peers("http://test", Secret(BOOTSTRAP), {}), tasks)
        )
        stack.push_async_callback(tasks.close)
        listener = listen(common.http)
        await stack.enter_async_context(serving(app, listener))
        yield Notifier(app, listener.getsockname()[1])


@asynccontextmanager
async def between(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A port whose connections `handle` serves; at the end all of them are cut."""
    tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            await handle(reader, writer)
        writer.transport.abort()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks[asyncio.ensure_future(serve(reader, writer))] = writer

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, room: int = 1 << 62) -> None:
    """Copy up to `room` bytes, then close."""
    try:
        while room > 0 and (data := await reader.read(min(room, 65536))):
            writer.write(data)
            room -= len(data)
        await writer.drain()
    finally:
        writer.transport.abort()


@pytest.fixture
async def notifier(tmp_path: Path) -> AsyncIterator[Notifier]:
    async with running(tmp_path) as started:
        yield started
