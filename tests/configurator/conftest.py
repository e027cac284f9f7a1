"""A configurator in this process, on a database of its own, beside a notifier that records."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from configurator.app import open_app
from configurator.settings import ConfiguratorSettings, Settings
from service_kit.app import read_body
from service_kit.peer import Peers
from service_kit.secrets import Secret
from service_kit.settings import Common
from service_kit.tasks import Tasks

BOOTSTRAP = "bootstrap-token-of-the-tests"


@dataclass
class RecordingNotifier:
    """Takes events as the notifier does, once by id, and remembers them; answers 503 while it is `down`."""

    down: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":  # it tells nothing
            await send({"type": "websocket.close", "code": 1013, "reason": "away"})
            return
        body = await read_body(scope, receive, 16 * 1024 * 1024)
        if not self.down:
            assert scope["path"] == "/api/v1/events"
            for line in body.splitlines():
                self._take(json.loads(line))
        status = 503 if self.down else 202
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    def _take(self, event: dict[str, Any]) -> None:
        known = [one for one in self.events if one["id"] == event["id"]]
        assert known in ([], [event]), "the same id with another body"
        self.events += [] if known else [event]

    def state(self, topic: str) -> dict[str, Any]:
        """What a follower of `topic` would have."""
        state: dict[str, Any] = {}
        for event in self.events:
            if event["topic"] == topic:
                state[event["key"]] = event.get("data")
        return {key: data for key, data in state.items() if data is not None}


@asynccontextmanager
async def configurator(database_url: str, notifier: RecordingNotifier, **own: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a configurator on `database_url`, with the bootstrap token."""
    settings = Settings(configurator=ConfiguratorSettings(database=database_url))
    common = Common(token=Secret(BOOTSTRAP), **own)
    peers = Peers("http://notifier", Secret(BOOTSTRAP), {}, notifier)
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(open_app(settings, common, peers, Tasks()))
        transport = httpx2.ASGITransport(app)
        headers = {"authorization": f"Bearer {BOOTSTRAP}"}
        client = httpx2.AsyncClient(transport=transport, base_url="http://configurator", headers=headers)
        client.app = app  # type: ignore[attr-defined]
        yield await stack.enter_async_context(client)


@pytest.fixture
def notifier() -> RecordingNotifier:
    return RecordingNotifier()


@pytest.fixture
async def client(database_url: str, notifier: RecordingNotifier) -> AsyncIterator[httpx2.AsyncClient]:
    async with configurator(database_url, notifier) as opened:
        yield opened


def authorized(token: str | None) -> dict[str, str]:
    """Headers of a request with another token, or with one that says nothing."""
    return {"authorization": f"Bearer {token}" if token else ""}
