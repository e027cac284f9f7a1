"""A notice center in this process beside a real notifier, and a message sender that records and can be away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

import notice_center.app
import notifier.app
from notice_center import inbox_routes
from notice_center.settings import NoticeCenterSettings, Settings
from notifier.settings import Settings as NotifierSettings
from service_kit.app import read_body
from service_kit.peer import Peers
from service_kit.secrets import Secret, hash_token, new_token
from service_kit.settings import Common
from service_kit.tasks import Tasks

BOOTSTRAP = "bootstrap-token-of-the-tests"
NOTICES = "/api/v1/notices"
INBOX = "/api/v1/inbox"


@dataclass
class RecordingSender:
    """Takes messages as msg_sender does, once by id. `status_of` answers a message's status; 503 while `down`."""

    down: bool = False
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: int = 0
    status_of: Callable[[dict[str, Any]], str] = lambda message: "accepted"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.requests += 1
        if self.down:
            await _answer(send, 503, {"detail": "away"})
        elif scope["method"] == "GET":
            await _answer(send, 200, {"items": [_listed(one) for one in self.messages.values()], "next": None})
        else:
            lines = (await read_body(scope, receive, 1 << 24)).splitlines()
            results = [self._take(json.loads(line)) for line in lines]
            await _answer(send, 207, {"results": results})

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        status = self.status_of(message)
        if status == "accepted":
            status = "duplicate" if message["id"] in self.messages else "accepted"
            self.messages.setdefault(message["id"], message)
        return {"id": message["id"], "status": status}


def _listed(message: dict[str, Any]) -> dict[str, Any]:
    """As GET /api/v1/messages shows a message that was sent at the second attempt."""
    tries = [
        {
            "started_at": _AT, "finished_at": _AT, "outcome": outcome, "error": error, "error_codes": codes,
            "answer": answer, "reference": None,
        }
        for outcome, error, codes, answer in (
            ("failed", "no connection", [{"code": "no-connection", "params": {}}], None),
            ("sent", None, None, "250 queued"),
        )
    ]  # fmt: skip
    own = {name: message[name] for name in ("id", "channel", "to", "notice", "title", "severity")}
    states = {
        "status": "sent",
        "reason": None,
        "reason_codes": None,
        "accepted_at": _AT,
        "due_at": None,
        "finished_at": _AT,
    }
    return {**own, **states, "attempt_count": len(tries), "attempts": tries}


_AT = "2026-11-20T09:30:00.000000Z"


async def _answer(send: Any, status: int, body: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@dataclass
class Town:
    """One URL space: a real notifier, the recording sender, and the notice center once it is open."""

    directory: Path
    sender: Any = field(default_factory=RecordingSender)
    notifier: Any = None
    center: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        place = scope["path"].removeprefix("/api/v1/").partition("/")[0]
        own = dict.fromkeys(("notices", "inbox", "overview"), self.center)
        app = {"messages": self.sender, **own}.get(place, self.notifier)
        if scope["path"] == "/readyz" and self.center is not None:
            app = self.center
        await app(scope, receive, send)

    @property
    def peers(self) -> Peers:
        return Peers("http://alertwrap", Secret(BOOTSTRAP), {}, self)

    def client(self, token: str = BOOTSTRAP) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self), base_url="http://alertwrap", headers=headers)

    async def publish(self, topic: str, key: str, data: dict[str, Any] | None) -> None:
        event = {"topic": topic, "key": key, "action": "updated" if data else "deleted"}
        async with self.client() as client:
            answer = await client.post("/api/v1/events", json=event | ({"data": data} if data else {}))
        assert answer.status_code == 202, answer.text

    async def config(self, key: str, channel: dict[str, Any], **more: Any) -> None:
        await self.publish("config", key, {"id": key, "name": "disk", "channel": channel} | more)

    async def recipient(self, key: str, **addresses: str) -> None:
        await self.publish("recipient", key, {"id": key, "addresses": addresses})

    async def token(self, *scopes: str, recipient: str | None = None, **more: Any) -> str:
        token = new_token()
        data = {"id": new_token(), "name": "", "scopes": scopes, "recipient": recipient, "expires_at": None} | more
        await self.publish("token", hash_token(token), data)
        return token

    @asynccontextmanager
    async def opened(self, database_url: str, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
        """A client of the notice center, with the services' own token."""
        tasks = Tasks()
        own = Settings(notice_center=NoticeCenterSettings(database=database_url, **settings))
        common = Common(token=Secret(BOOTSTRAP), data=self.directory)
        async with notice_center.app.open_app(own, common, self.peers, tasks) as self.center, self.client() as client:
            yield client
        assert not tasks.failed.is_set(), "a background task of the notice center ended"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Readers wait for folding as long as a busy machine takes: after a second they would see only a part of it."""

    def wait(seconds: float) -> None:
        monkeypatch.setattr(inbox_routes, "PATIENCE_SECONDS", seconds)

    wait(30.0)
    return wait


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    tasks = Tasks()
    common = Common(token=Secret(BOOTSTRAP), data=tmp_path)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(tasks.close)
        opened = notifier.app.open_app(NotifierSettings(), common, town.peers, tasks)
        town.notifier = await stack.enter_async_context(opened)
        yield town


@pytest.fixture
async def center(town: Town, database_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A notice center with nobody and nothing set up."""
    async with town.opened(database_url) as client:
        yield client


async def post(client: httpx2.AsyncClient, *notices: dict[str, Any]) -> httpx2.Response:
    """Notices as NDJSON; all must be taken."""
    body = "\n".join(json.dumps(one) for one in notices)
    answer = await client.post(NOTICES, content=body, headers={"content-type": "application/x-ndjson"})
    assert answer.status_code == 202, answer.text
    return answer


async def get(client: httpx2.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()
