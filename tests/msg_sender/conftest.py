"""A message sender as its callers see it: its app, a client with the services' token, and fake providers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from msg_sender import app as sender_app
from msg_sender.settings import Settings
from service_kit.peer import Peers
from service_kit.secrets import Secret
from service_kit.settings import Common
from service_kit.tasks import Tasks
from tests.conftest import eventually
from tests.fakes.bot_api import BotApi
from tests.fakes.smtp import SmtpRecorder

BOOTSTRAP = "bootstrap-token-of-the-tests"


async def no_notifier(scope: Any, receive: Any, send: Any) -> None:
    """A peer that is away: nobody can be followed."""
    await receive()
    await send({"type": "websocket.close", "code": 1013, "reason": "away"})


class Sender:
    """What a test does with a message sender."""

    def __init__(self, app: Any, tasks: Tasks) -> None:
        self.app = app
        self.tasks = tasks
        self.http = self.client(BOOTSTRAP)

    def client(self, token: str | None) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx2.ASGITransport(self.app)
        return httpx2.AsyncClient(
            transport=transport, base_url="http://sender", headers=headers, trust_env=False, timeout=40
        )

    async def post(self, **fields: Any) -> str:
        """Hand over one message; answers its id."""
        answer = await self.http.post("/api/v1/messages", json={"title": "Disk full", **fields})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["results"][0]["id"])

    async def get(self, message_id: str) -> dict[str, Any]:
        answer = await self.http.get(f"/api/v1/messages/{message_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def settled(self, message_id: str, *, status: tuple[str, ...] = ("sent", "dead")) -> dict[str, Any]:
        """The message once it is in one of these states."""
        found: dict[str, Any] = {}

        async def look() -> bool:
            found.update(await self.get(message_id))
            return found["status"] in status

        await until(look)
        return found


async def until(look: Any, deadline: float = 40.0) -> None:
    """Wait until the coroutine function `look` answers true."""
    async with asyncio.timeout(deadline):
        while not await look():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def open_sender(
    database_url: str, data: Path, sections: dict[str, Any] | None = None, **common: Any
) -> AsyncIterator[Sender]:
    given = dict(sections or {})
    given["msg_sender"] = {"database": database_url, **given.get("msg_sender", {})}
    settings = Settings.model_validate(given)
    base = Common.model_validate({"data": data, "token": BOOTSTRAP, **common})
    tasks = Tasks()
    peers = Peers("http://notifier", Secret(BOOTSTRAP), {}, no_notifier)
    async with sender_app.open_app(settings, base, peers, tasks) as app:
        sender = Sender(app, tasks)
        async with sender.http:
            yield sender
    assert not tasks.failed.is_set(), "a background loop died"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/sender.db"


@pytest.fixture
async def bot() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
def smtp() -> Iterator[SmtpRecorder]:
    with SmtpRecorder() as server:
        yield server


def telegram(api: BotApi) -> dict[str, Any]:
    return {"token": api.token, "api_url": api.url}


__all__ = ["BOOTSTRAP", "Sender", "eventually", "open_sender", "telegram", "until"]
