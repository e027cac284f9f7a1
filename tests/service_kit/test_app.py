"""The app factory: guards, limits, errors, request ids, metrics; nothing of our inside is seen outside."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter, Depends, Response, WebSocket
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

from service_kit import problems
from service_kit.app import Part, UndeclaredPermission, build_app
from service_kit.auth import Principal, TokenTable, allow, authenticates_itself, public
from service_kit.guard import Guard
from service_kit.origins import Origins
from service_kit.problems import Problem
from service_kit.secrets import Secret
from service_kit.settings import HttpSettings

LIMIT = 2_000
SECRET = "aw_0123456789abcdef0123456789abcdef"


class Thing(BaseModel):
    name: str
    size: int = 0


def things() -> APIRouter:
    router = APIRouter(prefix="/things")

    @router.post("", dependencies=[Depends(public)])
    async def make(thing: Thing) -> Thing:
        return thing

    @router.get("/{id}", dependencies=[Depends(public)])
    async def get(id: str) -> str:
        return id

    @router.get("/{id}/crash", dependencies=[Depends(public)])
    async def crash(id: str) -> None:
        raise RuntimeError(f"inside {SECRET}")

    @router.get("/{id}/late", dependencies=[Depends(public)])
    async def late(id: str) -> Response:
        return LateCrash()

    @router.get("/{id}/guarded")
    async def guarded(id: str, principal: Annotated[Principal, allow("admin")]) -> str:
        return principal.id

    @router.get("/{id}/problem/{code}", dependencies=[Depends(public)])
    async def problem(id: str, code: str) -> None:
        raise {kind.code: kind for kind in kinds(Problem)}[code](f"because of {SECRET}")

    return router


def kinds(kind: type[Problem]) -> list[type[Problem]]:
    return [kind, *(below for child in kind.__subclasses__() for below in kinds(child))]


class LateCrash(Response):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("inside, after the first byte")


async def hot(scope: Any, receive: Any, send: Any) -> None:
    if b"fail" in scope["query_string"]:
        raise problems.NotFound("not this one")
    await send({"type": "http.response.start", "status": 202, "headers": []})
    await send({"type": "http.response.body", "body": b"hot"})


async def deeper(principal: Annotated[Principal, allow("admin")]) -> Principal:
    return principal


def part(*routers: APIRouter, missing: str | None = None) -> Part:
    async def ready() -> str | None:
        return missing

    tokens = TokenTable(Secret("bootstrap"))
    tokens.replace(iter(()))
    return Part(
        "test", "Test", routers, Guard(tokens, Origins()), CollectorRegistry(),
        HttpSettings(max_body=LIMIT), ready, {("POST", "/hot"): hot},
    )  # fmt: skip


@asynccontextmanager
async def client(of: Part) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(build_app(of), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with client(part(things())) as opened:
        yield opened


def test_a_route_without_a_permission_does_not_register() -> None:
    bare, outer, socket = APIRouter(), APIRouter(), APIRouter()

    @bare.get("/open")
    async def forgotten() -> None: ...

    @socket.websocket("/stream")
    async def stream(websocket: WebSocket) -> None: ...

    outer.include_router(bare, prefix="/nested")
    for router in (bare, outer, socket):
        with pytest.raises(UndeclaredPermission):
            build_app(part(router))


def test_a_declaration_may_stand_anywhere_in_the_dependencies() -> None:
    router = APIRouter()

    @router.get("/a")
    async def indirect(principal: Annotated[Principal, Depends(deeper)]) -> None: ...

    @router.websocket("/b")
    async def stream(websocket: WebSocket, _: Annotated[None, Depends(authenticates_itself)]) -> None: ...

    build_app(part(router))


async def test_a_guarded_route_needs_its_token(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/things/1/guarded")).status_code == 401
    assert (await http.get("/things/1/guarded", headers={"authorization": "Bearer no"})).status_code == 401
    assert (await http.get("/things/1/guarded", headers={"authorization": "Bearer bootstrap"})).status_code == 200


@pytest.mark.parametrize("kind", kinds(Problem), ids=lambda kind: kind.__name__)
async def test_every_problem_is_a_problem_document(http: httpx2.AsyncClient, kind: type[Problem]) -> None:
    answer = await http.get(f"/things/1/problem/{kind.code}")
    document = answer.json()
    assert answer.status_code == kind.status == document["status"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["code"] == kind.code
    assert SECRET not in answer.text
    assert ("retry-after" in answer.headers) == (kind.status in (429, 503))
    assert ("www-authenticate" in answer.headers) == (kind.status == 401)


async def test_wrong_fields_are_all_named_and_their_values_are_not_repeated(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/things", json={"name": 5, "size": "hunter2"})
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == ["/name", "/size"]
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/things/1?x=%01", 200), ("/things/%01", 200)])
async def test_unknown_paths_are_problem_documents_too(http: httpx2.AsyncClient, path: str, status: int) -> None:
    answer = await http.get(path)
    assert answer.status_code == status
    assert status == 200 or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/things/%00", "/things/1?x=%00", "/things/1?x=a&y=b%00c", "/nowhere/%00"])
async def test_an_address_with_a_nul_gets_nowhere(http: httpx2.AsyncClient, path: str) -> None:
    """SQLite would take it and PostgreSQL fail."""
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "nul-in-address")


async def test_a_wrong_method_is_a_problem_document(http: httpx2.AsyncClient) -> None:
    answer = await http.delete("/things/1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_has_a_limit_whether_it_says_its_length_or_not(http: httpx2.AsyncClient) -> None:
    fits = b'{"name": "%s"}' % (b"x" * (LIMIT - 12))
    assert len(fits) == LIMIT

    async def chunks(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    headers = {"content-type": "application/json"}
    for body, status in ((fits, 200), (fits + b" ", 413)):
        assert (await http.post("/things", content=body, headers=headers)).status_code == status
        assert (await http.post("/things", content=chunks(body), headers=headers)).status_code == status


async def test_a_body_that_admits_too_much_is_not_read(http: httpx2.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 100

    answer = await http.post("/things", content=endless(), headers={"content-length": "99999999"})
    assert (answer.status_code, read) == (413, 0)
    answer = await http.post("/things", content=endless())
    assert answer.status_code == 413
    assert read * 100 <= LIMIT + 200


@pytest.mark.parametrize("body", [b"[" * 33 + b"]" * 33, b'{"a":' * 33 + b"1" + b"}" * 33, b'"\\u0000"', b"NaN"])
async def test_unfit_json_is_refused_at_the_door(http: httpx2.AsyncClient, body: bytes) -> None:
    answer = await http.post("/things", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_answer_carries_the_callers_request_id_or_a_new_one(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/healthz", headers={"x-request-id": "mine-1"})).headers["x-request-id"] == "mine-1"
    ours = set()
    for bad in (b"", b"x" * 101, b"a\x1b[2Jb", b"\xff"):
        answer = await http.get("/healthz", headers=[(b"x-request-id", bad)])
        ours.add(answer.headers["x-request-id"])
    assert len(ours) == 4
    assert all(re.fullmatch(r"[0-9a-f-]{36}-[0-9a-f]+", one) for one in ours)
    assert (await http.get("/nowhere", headers={"x-request-id": "mine-2"})).headers["x-request-id"] == "mine-2"


async def test_no_traceback_gets_outside(http: httpx2.AsyncClient, capsys: pytest.CaptureFixture[str]) -> None:
    answer = await http.get("/things/1/crash", headers={"x-request-id": "find-me"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "inside" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "find-me" in answer.json()["detail"]
    assert "find-me" in "".join(capsys.readouterr())


async def test_a_crash_after_the_first_byte_is_survived(http: httpx2.AsyncClient) -> None:
    with contextlib.suppress(AssertionError):  # of the client, that the answer never ended
        await http.get("/things/1/late")
    assert (await http.get("/healthz")).status_code == 200


async def test_every_answer_forbids_sniffing_framing_and_caching(http: httpx2.AsyncClient) -> None:
    for path in ("/healthz", "/nowhere", "/things/1/crash", "/things/1/guarded", "/openapi.json"):
        headers = (await http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_health_and_readiness_differ() -> None:
    async with client(part(missing="the database is away")) as http:
        assert (await http.get("/healthz")).status_code == 200
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (503, "the database is away")
        assert "retry-after" in answer.headers


async def test_metrics_count_by_route_template_and_never_by_path(http: httpx2.AsyncClient) -> None:
    await asyncio.gather(*(http.get(f"/things/{number}") for number in range(20)))
    await asyncio.gather(*(http.get(f"/nowhere/{number}") for number in range(20)))
    await http.request("BREW", "/things/1")
    assert (await http.post("/hot")).text == "hot"
    assert (await http.get("/metrics")).status_code == 401
    text = (await http.get("/metrics", headers={"authorization": "Bearer bootstrap"})).text
    assert 'method="GET",route="/things/{id}",service="test",status="200"} 20.0' in text
    assert 'route="unmatched"' in text
    assert 'route="/hot"' in text
    assert "/things/1" not in text
    assert "/nowhere" not in text


async def test_a_hot_path_answers_problems_like_any_other(http: httpx2.AsyncClient) -> None:
    answer = await http.post("/hot?fail")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "x-request-id" in answer.headers


async def test_openapi_is_public_and_names_the_routes(http: httpx2.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    assert {"/things", "/things/{id}", "/healthz", "/readyz", "/metrics"} <= set(document["paths"])
