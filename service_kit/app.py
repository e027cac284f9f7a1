"""The app factory: every service answers errors, health, metrics and limits alike, and no route is without a guard."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from itertools import count
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute, APIWebSocketRoute
from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service_kit import metrics, openapi, problems
from service_kit.auth import Principal, allow, declares_permission, public
from service_kit.batch import LINES
from service_kit.guard import Guard
from service_kit.origins import Headers, header, is_preflight
from service_kit.problems import Forbidden, Internal, Invalid, Problem, TooLarge, Unavailable, UnsupportedMedia
from service_kit.settings import HttpSettings
from service_kit.system import Inside, system_router
from wire.ids import new_id
from wire.json_text import JsonError, decode

log = structlog.get_logger()

Readiness = Callable[[], Awaitable[str | None]]
HotPath = Callable[[Scope, Receive, "Answer"], Awaitable[None]]
#: Answers to browsers: nothing here is meant to be framed, sniffed or cached.
_SAFE_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
_REQUEST_ID = "alertwrap.request_id"
#: Request ids of our own: unique over all processes, and cheap.
_PROCESS, _NUMBERS = new_id(), count()
_SAFE_NAMES = {name for name, _ in _SAFE_HEADERS}
_SAFE_LINES = b"".join(b"%s: %s\r\n" % header for header in _SAFE_HEADERS) + b"\r\n"
_STATUS_LINES = {int(one): f"HTTP/1.1 {int(one)} {one.phrase}\r\n".encode() for one in HTTPStatus}
_METHODS_WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")
#: A body that does not say what it is is taken for JSON.
_JSON_KINDS = ("", "application/json", *LINES)


class UndeclaredPermission(Exception):
    """A route was registered that does not say who may call it."""


@dataclass(frozen=True)
class Part:
    """What makes a service: its name, routers, guard, readiness, and its hot paths.

    `ready` answers None or what is still missing. A hot path is a bare ASGI app that takes one method and path
    before the framework does; the router declares the same route for OpenAPI and permission. It may give its answer
    to `Answer.whole`. `pages` takes the paths that nothing else took; `inside` is what it tells operators of itself.
    """

    name: str
    title: str
    routers: Sequence[APIRouter]
    guard: Guard
    registry: CollectorRegistry
    http: HttpSettings
    ready: Readiness
    hot: Mapping[tuple[str, str], HotPath]
    pages: APIRouter | None = None
    inside: Inside | None = None


def build_app(part: Part) -> ASGIApp:
    """The ASGI app of a service. Raises UndeclaredPermission when a route has no guard."""
    app = FastAPI(
        title=part.title, version=version("alertwrap"), docs_url=None, redoc_url=None, openapi_url=None,
        strict_content_type=False,
    )  # fmt: skip
    app.state.guard = part.guard
    problems.install(app)
    app.add_exception_handler(Exception, _on_crash)
    system = system_router(part.name, part.inside, part.ready) if part.inside else None
    for router in (*part.routers, _operations(part, app), system, part.pages):
        if router is not None:
            app.include_router(router)
    _require_declarations(app)
    return Door(app, part)


def _require_declarations(app: FastAPI) -> None:
    for route in all_routes(app.routes):
        guarded = isinstance(route, APIRoute | APIWebSocketRoute) and declares_permission(route.dependant)
        if not guarded:
            raise UndeclaredPermission(f"{getattr(route, 'path', route)}: declare allow(scope) or public")


def all_routes(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """FastAPI keeps an included router as one entry; look into it."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from all_routes(included.routes)


def _operations(part: Part, app: FastAPI) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/healthz", dependencies=[Depends(public)])
    async def healthz() -> dict[str, Any]:
        """The process answers."""
        return {"status": "ok", "service": part.name}

    @router.get("/readyz", dependencies=[Depends(public)])
    async def readyz() -> dict[str, Any]:
        """It can do its work; 503 with what is missing otherwise."""
        missing = await part.ready()
        if missing:
            raise Unavailable("{missing}", code="not-ready", missing=missing)
        return {"status": "ready", "service": part.name}

    @router.get("/metrics", response_class=PlainTextResponse)
    async def prometheus(_: Annotated[Principal, allow("metrics:read")]) -> Response:
        """Prometheus text format."""
        return Response(metrics.render(part.registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    @router.get("/openapi.json", dependencies=[Depends(public)], include_in_schema=False)
    async def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            openapi.complete(app.openapi(), all_routes(app.routes))
        return app.openapi()

    return router


class Door:
    """The one middleware, plain ASGI: request id, limits on the body, hot paths, metrics, and no traceback outside."""

    def __init__(self, app: FastAPI, part: Part) -> None:
        self.app = app
        self.state = app.state
        self._part = part
        self._origins = part.guard.origins
        self._metrics = metrics.HttpMetrics(part.registry, part.name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = Answer(send, scope, self._origins.answer_headers(scope))
        started = time.perf_counter()
        hot = self._part.hot.get((scope["method"], scope["path"]))
        handle = hot or (self._preflight if is_preflight(scope) else self._handle)
        try:
            await handle(scope, receive, answer)
        except Problem as problem:
            await problem.response()(scope, receive, answer)
        except JsonError as error:
            await problems.invalid_json(error).response()(scope, receive, answer)
        except Exception:
            log.exception("request failed", service=self._part.name, path=scope["path"], request_id=answer.request_id)
            if not answer.started:
                await _internal(answer.request_id).response()(scope, receive, answer)
        finally:
            route = scope["path"] if hot else _template(scope)
            self._metrics.count(scope["method"], route, answer.status, time.perf_counter() - started)

    async def _preflight(self, scope: Scope, receive: Receive, answer: Send) -> None:
        """A browser asks for a page of another origin what that page may send."""
        allowed = self._origins.preflight(scope)
        if allowed is None:
            said = "pages of this origin may not call: ALERTWRAP_HTTP__ORIGINS lists those that may"
            raise Forbidden(said, code="origin-not-listed")
        await Response(status_code=HTTPStatus.NO_CONTENT, headers=allowed)(scope, receive, answer)

    async def _handle(self, scope: Scope, receive: Receive, answer: Send) -> None:
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:  # one database takes it, the other fails
            raise Invalid("expected an address without NUL characters", code="nul-in-address")
        if scope["method"] in _METHODS_WITH_BODY:
            body = await read_body(scope, receive, self._part.http.max_body)
            if body:
                decode(body)  # the framework's own parser takes NaN and 1e999, and says less of what is wrong
            await self.app(scope, _replay(body, receive), answer)
        else:
            await self.app(scope, receive, answer)


class Answer:
    """`send`, with the headers that every answer carries, remembering what was sent."""

    def __init__(self, send: Send, scope: Scope, more: Headers = ()) -> None:
        self._send = send
        self._more = more
        # taken out: it holds the scope, which would else hold it, and wait for the garbage collector
        self._write = scope.get("extensions", {}).pop("alertwrap.one_write", None)
        self.request_id = scope[_REQUEST_ID] = _request_id(scope)
        self.status = 500
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            given = message.get("headers", ())
            own = {name for name, _ in given}
            safe = _SAFE_HEADERS if own.isdisjoint(_SAFE_NAMES) else [one for one in _SAFE_HEADERS if one[0] not in own]
            more = [one for one in self._more if one[0] not in own]
            message["headers"] = [*given, (b"x-request-id", self.request_id.encode()), *safe, *more]
        await self._send(message)

    async def whole(self, status: int, media_type: str, body: bytes) -> None:
        """Answer in one piece: one write where the server lets us (service_kit/serve.py), two messages elsewhere."""
        if self._write is None:
            headers = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
            await self({"type": "http.response.start", "status": status, "headers": headers})
            await self({"type": "http.response.body", "body": body})
            return
        self.started, self.status = True, status
        lines = f"content-type: {media_type}\r\ncontent-length: {len(body)}\r\nx-request-id: {self.request_id}\r\n"
        more = b"".join([b"%s: %s\r\n" % header for header in self._more])
        await self._write(b"".join((_STATUS_LINES[status], lines.encode(), more, _SAFE_LINES, body)))


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body; raises TooLarge beyond `limit` bytes, before reading what a Content-Length already admits.

    Raises UnsupportedMedia when the body says that it is no JSON, or is compressed.
    """
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdecimal() and int(declared) > limit:
        raise TooLarge("expected a body of at most {most} bytes", code="large-body", most=limit)
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem("the client left before the end of the body", code="client-left")
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        more = message.get("more_body", False)
        if size > limit:
            raise TooLarge("expected a body of at most {most} bytes", code="large-body", most=limit)
    if size:
        _require_json(header(scope, b"content-type") or "", header(scope, b"content-encoding"))
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _require_json(content_type: str, encoding: str | None) -> None:
    if content_type not in _JSON_KINDS:
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in _JSON_KINDS and not kind.endswith("+json"):
            raise UnsupportedMedia("expected the header Content-Type: application/json", code="not-said-json")
    if encoding is not None and encoding.lower() != "identity":
        raise UnsupportedMedia("expected a body without Content-Encoding", code="compressed-body")


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out the body that was already read, then what the client does next."""
    handed = False

    async def replayed() -> Message:
        nonlocal handed
        if handed:
            return await receive()
        handed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and 0 < len(value) <= 100 and value.isascii() and value.decode().isprintable():
            return str(value.decode())
    return f"{_PROCESS}-{next(_NUMBERS):x}"


def _template(scope: Scope) -> str:
    route = scope.get("route")
    return str(route.path) if isinstance(route, Route | APIRoute) else "unmatched"


async def _on_crash(request: Request, _: Exception) -> Response:
    """Starlette answers before the door sees the exception, which it then raises on to be logged."""
    return _internal(request.scope[_REQUEST_ID]).response()


def _internal(request_id: str) -> Problem:
    return Internal("the log has more under request id {request_id}", code="failure", request_id=request_id)
