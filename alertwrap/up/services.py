"""All services in one process, on embedded storage: the one place that imports every app.

One URL space: each service owns its paths under `/api/v1/`, and clients cannot tell this process from five behind
a reverse proxy. The services talk to each other through the same clients as ever, over an in-process transport.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any

import httpx2
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

import configurator.app
import configurator.settings
import msg_sender.app
import msg_sender.settings
import notice_center.app
import notice_center.settings
import notifier.app
import notifier.settings
from alertwrap.status.exposition import merge
from alertwrap.up.data_directory import DataDirectory
from service_kit import problems
from service_kit.app import Answer
from service_kit.origins import Origins, is_preflight
from service_kit.peer import Peers
from service_kit.problems import NotFound, Problem, Unavailable
from service_kit.settings import Common, SettingsError, Source
from service_kit.tasks import Tasks

#: Service → (its settings, how it opens, the first path segments under /api/v1/ that it owns).
SERVICES: Mapping[str, tuple[type[BaseModel], Any, tuple[str, ...]]] = {
    "notifier": (notifier.settings.Settings, notifier.app.open_app, ("events", "topics", "follow")),
    "configurator": (
        configurator.settings.Settings,
        configurator.app.open_app,
        ("configs", "recipients", "alerts", "tokens", "accounts", "session", "invites", "audit"),
    ),
    "msg_sender": (msg_sender.settings.Settings, msg_sender.app.open_app, ("messages", "channels")),
    "notice_center": (notice_center.settings.Settings, notice_center.app.open_app, ("notices", "inbox", "overview")),
}
_API = "/api/v1/"
#: All services of the process at once; behind it, each by its name.
_SYSTEM = "/api/v1/system"
_PLACE = {segment: name for name, (_, _, segments) in SERVICES.items() for segment in segments}
#: The service that answers for every path of no service: the panel's pages.
_PAGES = "notice_center"


def read_settings(source: Source) -> tuple[Common, dict[str, BaseModel]]:
    """Everybody's settings; raises SettingsError with all mistakes of all services at once."""
    complaints = list(source.unreadable)
    read: dict[str, Any] = {}
    models: dict[str, type[BaseModel]] = {"": Common, **{name: model for name, (model, _, _) in SERVICES.items()}}
    for name, model in models.items():
        try:
            read[name] = source.read(model)
        except SettingsError as error:
            complaints += error.problems
    complaints += source.unknown(*models.values())
    if complaints:
        raise SettingsError(sorted(set(complaints)))
    return read.pop(""), read


@contextlib.asynccontextmanager
async def open_all(settings: Mapping[str, BaseModel], common: Common, tasks: Tasks) -> AsyncIterator[ASGIApp]:
    """Open every service of this process; leaving the block stops them, last opened first."""
    switchboard = Switchboard(Origins.of(common.public_url, common.server, common.http.origins))
    peers = Peers("http://alertwrap", common.bootstrap(), {}, switchboard)
    async with contextlib.AsyncExitStack() as stack:
        for name, (_, open_app, _) in SERVICES.items():
            app = await stack.enter_async_context(open_app(settings[name], common, peers, tasks))
            switchboard.connect(name, app)
        yield switchboard


@contextlib.asynccontextmanager
async def open_directory(directory: DataDirectory) -> AsyncIterator[httpx2.AsyncClient]:
    """The configurator of a directory on which no server runs. Raises StorageBusy when one does."""
    directory.prepare()
    common = Common(data=directory.path, token=directory.bootstrap())
    switchboard, tasks = Switchboard(), Tasks()
    peers = Peers("http://alertwrap", common.bootstrap(), {}, switchboard)
    async with configurator.app.open_app(configurator.settings.Settings(), common, peers, tasks) as app:
        switchboard.connect("configurator", app)
        async with peers.to("configurator").http() as http:
            yield http
        await tasks.close()


def _place(path: str) -> str | None:
    """The service that owns a path; None when there is none."""
    if not path.startswith(_API):
        return _PAGES
    first, _, rest = path[len(_API) :].partition("/")
    return (rest if rest in SERVICES else None) if first == "system" else _PLACE.get(first)


class Switchboard:
    """Sends each path to its service; answers for all of them where the question is about the process."""

    def __init__(self, origins: Origins = Origins()) -> None:  # noqa: B008 - it is frozen
        self._origins = origins
        self._apps: dict[str, ASGIApp] = {}

    def connect(self, name: str, app: ASGIApp) -> None:
        self._apps[name] = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            app = self._app_of(scope)
        except Problem as problem:
            await _refuse(problem, scope, receive, self._answer(scope, send))
        else:
            await app(scope, receive, send)

    def _app_of(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        if scope["type"] == "http" and is_preflight(scope):
            path = "/"  # any service answers it, whatever the path
        if path in ("/healthz", "/readyz", "/metrics", "/openapi.json", _SYSTEM):
            return self._common
        name = _place(path)
        if name is None:
            raise NotFound("no such path: {path}", code="no-path", path=path)
        if name not in self._apps:
            raise Unavailable("{service} is starting", code="starting", service=name)
        return self._apps[name]

    async def _common(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = {
            "/healthz": self._health, "/readyz": self._health,
            "/metrics": self._metrics, "/openapi.json": self._openapi, _SYSTEM: self._system,
        }[scope["path"]]  # fmt: skip
        send = self._answer(scope, send)
        if scope["type"] != "http":
            gone = NotFound("no such path: {path}", code="no-path", path=scope["path"])
            await _refuse(gone, scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            wrong = problems.with_status(HTTPStatus.METHOD_NOT_ALLOWED, "expected GET", {"Allow": "GET, HEAD"})
            await _refuse(wrong, scope, receive, send)
            return
        status, media_type, body = await answer(scope)
        headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _health(self, scope: Scope) -> tuple[int, str, bytes]:
        answers = await self._ask_all(scope)
        worst = max(answer.status_code for answer in answers.values())
        word = {"/healthz": "ok", "/readyz": "ready"}[scope["path"]] if worst < 400 else "unavailable"
        body = {"status": word, "services": {name: _state(answer) for name, answer in answers.items()}}
        return worst, "application/json", json.dumps(body).encode()

    async def _metrics(self, scope: Scope) -> tuple[int, str, bytes]:
        answers = list((await self._ask_all(scope)).values())
        refused = next((answer for answer in answers if not answer.is_success), None)
        if refused is not None:
            return refused.status_code, refused.headers["content-type"], refused.content
        return 200, answers[0].headers["content-type"], merge([answer.text for answer in answers]).encode()

    async def _system(self, scope: Scope) -> tuple[int, str, bytes]:
        answers = list((await self._ask_all(scope)).values())
        refused = next((answer for answer in answers if not answer.is_success), None)
        if refused is not None:
            return refused.status_code, refused.headers["content-type"], refused.content
        services = [report for answer in answers for report in answer.json()["services"]]
        return 200, "application/json", json.dumps({"services": services}).encode()

    async def _openapi(self, scope: Scope) -> tuple[int, str, bytes]:
        documents = [answer.json() for answer in (await self._ask_all(scope)).values()]
        whole = {**documents[0], "info": {**documents[0]["info"], "title": "alertwrap"}, "paths": {}, "components": {}}
        for document in documents:
            whole["paths"] |= document["paths"]
            for kind, items in document.get("components", {}).items():
                whole["components"].setdefault(kind, {}).update(items)
        return 200, "application/json", json.dumps(whole).encode()

    def _answer(self, scope: Scope, send: Send) -> Send:
        """With the headers that the answers of every service carry."""
        return Answer(send, scope, self._origins.answer_headers(scope)) if scope["type"] == "http" else send

    async def _ask_all(self, scope: Scope) -> dict[str, httpx2.Response]:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        kept = {name: headers[name] for name in ("authorization", "cookie", "x-request-id") if name in headers}
        answers = await asyncio.gather(*(_ask(app, scope["path"], kept) for app in self._apps.values()))
        return dict(zip(self._apps, answers, strict=True))


async def _ask(app: ASGIApp, path: str, headers: dict[str, str]) -> httpx2.Response:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://alertwrap", trust_env=False) as client:
        return await client.get(path, headers=headers)


def _state(answer: httpx2.Response) -> str:
    body = answer.json()
    return str(body.get("status") if answer.is_success else body.get("detail"))


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1013, "reason": problem.detail})
    else:
        await problem.response()(scope, receive, send)
