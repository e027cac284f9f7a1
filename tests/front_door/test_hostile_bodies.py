"""Hostile bodies at every writing route: a refusal that says what was expected, never a 5xx, and nothing lost."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from alertwrap.reference.refusals import said, shapes_of_the_framework
from wire.ids import new_id

JSON = {"content-type": "application/json"}
Body = dict[str, Any]


@dataclass(frozen=True)
class Route:
    """`good` is a body that is taken; `text` a member of it that is text; `free` one that holds any object.

    One that `judges` takes any object, and answers 200 with the errors of what is in it. `refused` is the answer to a
    good body about what is not there.
    """

    method: str
    path: str
    good: Callable[[], Body]
    text: str
    free: str | None = None
    optional: bool = False
    judges: bool = False
    refused: int | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _event() -> Body:
    return {"id": new_id(), "topic": "things", "key": "k", "data": {"a": 1}}


def _message() -> Body:
    return {"id": new_id(), "channel": "email", "to": "ann@example.org", "title": "t", "data": {"a": 1}}


def _notice() -> Body:
    return {"id": new_id(), "title": "t", "data": {"a": 1}}


def _config() -> Body:
    return {"name": "hostile", "metric": {"a": 1}, "channel": {"panel": {"recipients": ["ann"]}}}


def _portable() -> Body:
    return {"version": 1, "configs": [{"id": "hostile", **_config()}]}


def _act() -> Body:
    return {"id": new_id(), "act": "read", "filter": {"q": "t"}}


def _alert() -> Body:
    return {"description": "d", "metric_schema": {"default": {"a": 1}}}


ROUTES = [
    Route("POST", "/api/v1/events", _event, "topic", "data"),
    Route("POST", "/api/v1/messages", _message, "title", "data"),
    Route("POST", "/api/v1/messages/replay", lambda: {"q": "t", "dry_run": True}, "q"),
    Route("POST", "/api/v1/notices", _notice, "title", "data"),
    Route("POST", "/api/v1/configs", _config, "name", "metric"),
    Route("PUT", "/api/v1/configs/hostile", _config, "name", "metric"),
    Route("PATCH", "/api/v1/configs/hostile", _config, "name", "metric"),
    Route("POST", "/api/v1/configs/validate", _config, "name", "metric", judges=True),
    Route("POST", "/api/v1/configs/plan", _portable, "version"),
    Route("POST", "/api/v1/configs/apply", _portable, "version"),
    Route("POST", "/api/v1/recipients", lambda: {"name": "Ann"}, "name"),
    Route("PUT", "/api/v1/recipients/hostile", lambda: {"name": "Ann"}, "name"),
    Route("PATCH", "/api/v1/recipients/hostile", lambda: {"name": "Ann"}, "name"),
    Route("PUT", "/api/v1/alerts/hostile", _alert, "description", "metric_schema"),
    Route("POST", "/api/v1/tokens", lambda: {"name": "n", "scopes": ["events:read"]}, "name"),
    Route("POST", "/api/v1/accounts", lambda: {"login": new_id(), "name": "n"}, "name"),
    Route("PATCH", "/api/v1/accounts/hostile", lambda: {"name": "n"}, "name", refused=404),
    Route("POST", "/api/v1/session", lambda: {"login": "nobody", "password": "x"}, "login", refused=401),
    Route("POST", "/api/v1/session/link", lambda: {"login": "admin"}, "login", optional=True),
    Route("POST", "/api/v1/invites/accept", lambda: {"invite": "x", "password": "a" * 12}, "invite", refused=401),
    Route("POST", "/api/v1/inbox/read-all?recipient=ann", lambda: {"q": "t"}, "q", optional=True),
    Route("POST", "/api/v1/inbox/acts?recipient=ann", _act, "id"),
    Route("POST", "/api/v1/inbox/hostile/acknowledge?recipient=ann", lambda: {"note": "n"}, "note", optional=True),
    Route("POST", "/api/v1/channels/webhook/test", lambda: {"to": "https://example.invalid/"}, "to"),
]
#: These carry many items, and so have the larger limit.
_BATCHES = ("/api/v1/events", "/api/v1/messages", "/api/v1/notices")
#: Only for people in their session, or without any text: asked by tests/configurator/test_accounts.py and
#: tests/notifier/test_polls.py.
_ELSEWHERE = {("PUT", "/api/v1/session/password"), ("POST", "/api/v1/follow")}
_LIMIT, _BATCH_LIMIT = 1024 * 1024, 16 * 1024 * 1024


#: How our sentences, and those of pydantic, say what was wanted.
_WORDS = ("expected", "Input should be", "Extra inputs are not permitted", "Invalid JSON", "Field required")


#: What a client can know of: docs/problems.md has no other code.
KNOWN = {one.code for one in said()} | shapes_of_the_framework().keys()


def _dump(body: Body) -> bytes:
    return json.dumps(body).encode()


def _raw(route: Route, value: bytes) -> bytes:
    """The good body, with `value` as it stands inside what may be any object, or else instead of its text."""
    marker = "@@"
    held: Any = {"here": marker} if route.free else marker
    return _dump({**route.good(), route.free or route.text: held}).replace(b'"@@"', value)


def _too_large(route: Route) -> bytes:
    limit = _BATCH_LIMIT if route.path in _BATCHES else _LIMIT
    return _dump({**route.good(), route.text: "a" * limit})


@dataclass(frozen=True)
class Hostile:
    """`named`: the path that the answer must name, of the member `text`, `surprise`, or inside `free`."""

    body: Callable[[Route], bytes]
    statuses: tuple[int, ...] = (422,)
    named: str | None = None
    headers: tuple[tuple[str, str], ...] = tuple(JSON.items())


HOSTILE = {
    "malformed": Hostile(lambda route: _dump(route.good())[:-1]),
    "trailing comma": Hostile(lambda route: _dump(route.good())[:-1] + b",}"),
    "two values": Hostile(lambda route: _dump(route.good()) + b" " + _dump(route.good())),
    "no JSON": Hostile(lambda _: b"title=hello"),
    "empty": Hostile(lambda _: b""),
    "blank": Hostile(lambda _: b" \n "),
    "null": Hostile(lambda _: b"null"),
    "text": Hostile(lambda _: b'"x"'),
    "number": Hostile(lambda _: b"1"),
    "nested list": Hostile(lambda _: b"[[]]"),
    "unknown field": Hostile(lambda route: _dump({**route.good(), "surprise": 1}), named="surprise"),
    "object for text": Hostile(lambda route: _dump({**route.good(), route.text: {"$gt": ""}}), named="text"),
    "number for text": Hostile(lambda route: _dump({**route.good(), route.text: 5}), named="text"),
    "NUL": Hostile(lambda route: _raw(route, rb'"a\u0000b"'), named="value"),
    "raw NUL": Hostile(lambda route: _raw(route, b'"a\x00b"')),
    "lone surrogate": Hostile(lambda route: _raw(route, rb'"\ud800"'), named="value"),
    "raw lone surrogate": Hostile(lambda route: _raw(route, b'"\xed\xa0\x80"')),
    "invalid UTF-8": Hostile(lambda route: _raw(route, b'"\xff"')),
    "UTF-16": Hostile(lambda route: _dump(route.good()).decode().encode("utf-16")),
    "byte order mark": Hostile(lambda route: b"\xef\xbb\xbf" + _dump(route.good())),
    "NaN": Hostile(lambda route: _raw(route, b"NaN")),
    "Infinity": Hostile(lambda route: _raw(route, b"-Infinity")),
    "1e999": Hostile(lambda route: _raw(route, b"1e999")),
    "huge integer": Hostile(lambda route: _raw(route, b"9" * 5000)),
    "huge integer, short": Hostile(lambda route: b'{"surprise":' + b"9" * 4500 + b"}"),
    "deep": Hostile(lambda route: _raw(route, b"[" * 40 + b"]" * 40)),
    "bottomless": Hostile(lambda route: _raw(route, b'{"a":' * 100_000)),
    "too large": Hostile(_too_large, (413, 422)),
    "a form": Hostile(
        lambda _: b"title=hello", (415,), headers=(("content-type", "application/x-www-form-urlencoded"),)
    ),
    "plain text": Hostile(lambda route: _dump(route.good()), (415,), headers=(("content-type", "text/plain"),)),
    "gzip": Hostile(
        lambda route: gzip.compress(_dump(route.good())), (415,), headers=(*JSON.items(), ("content-encoding", "gzip"))
    ),
    "gzip unsaid": Hostile(lambda route: gzip.compress(_dump(route.good()))),
}


@pytest.fixture(autouse=True, scope="module")
def _what_is_changed_exists(http: httpx2.Client, service: dict[str, str]) -> None:
    http.post("/api/v1/configs", json={"id": "hostile", **_config()}, headers=service).raise_for_status()
    for name in ("hostile", "ann"):
        http.post("/api/v1/recipients", json={"id": name}, headers=service).raise_for_status()
    notice = {"id": "hostile", "title": "t", "recipients": ["ann"]}
    http.post("/api/v1/notices", json=notice, headers=service).raise_for_status()


def test_every_route_that_takes_a_body_is_here(document: dict[str, Any]) -> None:
    declared = {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    }
    assert {(route.method, _template(route.path)) for route in ROUTES} | _ELSEWHERE == declared


def _template(path: str) -> str:
    plain = path.partition("?")[0].replace("/alerts/hostile", "/alerts/{name}").replace("/webhook/", "/{name}/")
    return plain.replace("/inbox/hostile", "/inbox/{notice_id}").replace("/hostile", "/{id}")


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_hostile_body_is_refused_in_words_and_nothing_is_lost(
    http: httpx2.Client, service: dict[str, str], route: Route
) -> None:
    for name, hostile in HOSTILE.items():
        if route.optional and name in ("empty", "null"):
            continue
        answer = http.request(
            route.method,
            route.path,
            content=hostile.body(route),
            headers={**service, "if-match": "*", **dict(hostile.headers)},
        )
        problem = answer.json()
        if route.judges and answer.is_success:
            assert _path(hostile.named or "value", route) in [error["path"] for error in problem["errors"]], name
            continue
        assert answer.status_code in hostile.statuses, (name, answer.status_code, answer.text[:500])
        assert answer.headers["content-type"] == "application/problem+json", name
        assert any(word in problem["detail"] for word in _WORDS), (name, problem)
        assert _codes(problem) <= KNOWN, (name, problem)
        if answer.status_code == 422:
            paths = [error["path"] for error in problem.get("errors") or problem["results"][0]["errors"]]
            assert _path(hostile.named, route) in paths if hostile.named else paths, (name, problem)
    body = json.dumps(route.good()).encode()
    good = http.request(route.method, route.path, content=body, headers={**service, "if-match": "*", **JSON})
    assert good.is_success or good.status_code == route.refused, good.text


def _codes(problem: Body) -> set[str]:
    """Every code in an answer: of the whole, of its fields, and of the items of a batch."""
    results = [error for result in problem.get("results", []) for error in result.get("errors", [])]
    return {one["code"] for one in (problem, *problem.get("errors", []), *results)}


def _path(named: str, route: Route) -> str:
    value = f"/{route.free}/here" if route.free else f"/{route.text}"
    return {"surprise": "/surprise", "text": f"/{route.text}", "value": value}[named]


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path not in _BATCHES], ids=str)
def test_of_duplicate_members_the_last_one_counts(http: httpx2.Client, service: dict[str, str], route: Route) -> None:
    """The rule of every parser that we use, at every door; the first one travels no further."""
    body = _dump(route.good())
    twice = b'{"%s": {"discarded": 1}, %s' % (route.text.encode(), body[1:])
    answer = http.request(route.method, route.path, content=twice, headers={**service, "if-match": "*", **JSON})
    assert answer.is_success or answer.status_code == route.refused, answer.text
    assert "discarded" not in answer.text


@pytest.mark.parametrize("path", _BATCHES)
def test_of_duplicate_members_in_a_batch_the_last_one_counts_too(
    http: httpx2.Client, service: dict[str, str], path: str
) -> None:
    route = next(route for route in ROUTES if route.path == path)
    body = route.good()
    twice = b'{"%s": {"discarded": 1}, %s' % (route.text.encode(), _dump(body)[1:])
    assert http.post(path, content=twice, headers={**service, **JSON}).json()["accepted"] == 1
    again = http.post(path, json=body, headers=service).json()
    assert again["duplicate"] == 1, "the same without the first member is the same"


@pytest.mark.parametrize("path", _BATCHES)
def test_one_bad_line_costs_that_line(http: httpx2.Client, service: dict[str, str], path: str) -> None:
    route = next(route for route in ROUTES if route.path == path)
    bad = [
        hostile.body(route)
        for name, hostile in HOSTILE.items()
        if hostile.statuses == (422,) and name not in ("empty", "blank", "UTF-16", "gzip unsaid", "byte order mark")
    ]
    first, last = route.good(), route.good()
    lines = b"\n".join([_dump(first), *bad, _dump(last)])
    answer = http.post(path, content=lines, headers={**service, "content-type": "application/x-ndjson"})
    assert answer.status_code == 207, answer.text[:500]
    found = answer.json()
    assert (found["accepted"], found["rejected"]) == (2, len(bad)), found
    assert [found["results"][0]["id"], found["results"][-1]["id"]] == [first["id"], last["id"]]
    assert all(result["errors"] for result in found["results"][1:-1])
