"""Hostile input: a clear refusal, the same on both databases, never a 500, and nothing lost of what was taken."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.configurator.conftest import RecordingNotifier, configurator
from tests.front_door.test_hostile_bodies import HOSTILE, ROUTES, Route

CONFIG = b'{"name": "disk", "metric": {"x": %s}}'
DEEP = 200

#: body → the status that a POST of it to /configs answers, on both databases.
BODIES: dict[str, tuple[bytes, int]] = {
    "not json": (b"{", 422),
    "empty": (b"", 422),
    "a list": (b"[]", 422),
    "null": (b"null", 422),
    "NUL escaped": (CONFIG % rb'"a\u0000b"', 422),
    "NUL in a name": (b'{"name": "a\\u0000"}', 422),
    "NUL in a key": (CONFIG % rb'{"\u0000": 1}', 422),
    "NUL raw": (CONFIG % b'"a\x00b"', 422),
    "lone surrogate escaped": (CONFIG % rb'"\ud800"', 422),
    "lone surrogate raw": (CONFIG % b'"\xed\xa0\x80"', 422),
    "surrogate pair": (CONFIG % rb'"\ud83d\ude00"', 201),
    "not UTF-8": (CONFIG % b'"\xff"', 422),
    "NaN": (CONFIG % b"NaN", 422),
    "Infinity": (CONFIG % b"-Infinity", 422),
    "1e999": (CONFIG % b"1e999", 422),
    "-1e999 in a list": (CONFIG % b"[0, -1e999]", 422),
    "huge integer": (CONFIG % (b"9" * 3_000), 201),
    "hugest integer": (CONFIG % (b"9" * 5_000), 422),
    "beyond 64 bits": (CONFIG % b"9223372036854775808", 201),
    "deep": (CONFIG % (b"[" * DEEP + b"]" * DEEP), 422),
    "very deep": (CONFIG % (b"[" * 100_000 + b"]" * 100_000), 422),
    "deep objects": (CONFIG % (b'{"a":' * DEEP + b"1" + b"}" * DEEP), 422),
    "long name": (b'{"name": "%s"}' % (b"a" * 121), 422),
    "long id": (b'{"name": "a", "id": "%s"}' % (b"a" * 201), 422),
    "too large": (CONFIG % (b'"' + b"a" * 2_000_000 + b'"'), 413),
    "UTF-16": (CONFIG.replace(b"%s", b"1").decode().encode("utf-16"), 422),
    "huge chat id": (b'{"name": "a", "channel": {"telegram": {"chat_id": [%s]}}}' % (b"9" * 3_000), 201),
    "many years": (b'{"name": "a", "channel": {"email": {"after": "999999999d"}}}', 422),
    "name of a wrong type": (b'{"name": {"$gt": ""}}', 422),
    "format string": (CONFIG % b'"{0.__class__} %s %n ${x}"', 201),
    "SQL": (b"""{"name": "a'; DROP TABLE config; --"}""", 422),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_hostile_body_gets_its_answer(client: httpx2.AsyncClient, name: str) -> None:
    body, status = BODIES[name]
    headers = {"content-type": "application/json"}
    answer = await client.post("/api/v1/configs", content=body, headers=headers)
    assert answer.status_code == status, answer.text[:500]
    if status == 201:
        assert (await client.get(answer.headers["location"])).json() == answer.json()
        assert answer.json()["metric"] == json.loads(body).get("metric", {})


@pytest.mark.parametrize("path", ["/api/v1/configs/one", "/api/v1/recipients/one", "/api/v1/alerts/one"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST", "DELETE"])
async def test_no_body_to_no_route_is_a_failure_of_ours(client: httpx2.AsyncClient, method: str, path: str) -> None:
    await client.post("/api/v1/configs", json={"id": "one", "name": "disk"})
    await client.post("/api/v1/recipients", json={"id": "one"})
    for body, _ in BODIES.values():
        headers = {"content-type": "application/json", "If-Match": "*"}
        answer = await client.request(method, path, content=body, headers=headers)
        assert answer.status_code < 500, (body[:60], answer.text[:300])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/configs/%00", 422),
        ("/api/v1/configs/%ED%A0%80", 422),
        ("/api/v1/configs/%FF", 422),
        ("/api/v1/configs/" + "a" * 300, 422),
        ("/api/v1/configs/%2e%2e", 422),
        ("/api/v1/configs/{id}", 422),
        ("/api/v1/configs/' OR 1=1", 422),
        ("/api/v1/configs/%C3%A9", 422),
        ("/api/v1/configs?name=%00", 422),
        ("/api/v1/configs?next=%00", 422),
        ("/api/v1/configs?next=zzz", 200),
        ("/api/v1/configs?limit=0", 422),
        ("/api/v1/configs?limit=99999999999999999999999", 422),
        ("/api/v1/configs?limit=" + "9" * 5000, 422),
        ("/api/v1/configs?enabled=maybe", 422),
        ("/api/v1/configs/x/revisions?next=99999999999999999999", 422),
        ("/api/v1/configs/x/revisions?next=1", 200),
        ("/api/v1/configs/x/revisions", 404),
        ("/api/v1/recipients/%00", 422),
        ("/api/v1/alerts/%00", 422),
        ("/api/v1/tokens?next=%00", 422),
        ("/api/v1/nothing", 404),
    ],
)
async def test_a_hostile_path_gets_its_answer(client: httpx2.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path)
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"].split(";")[0] in ("application/problem+json", "application/json")


async def test_hostile_headers_are_no_failure_of_ours(client: httpx2.AsyncClient) -> None:
    await client.post("/api/v1/configs", json={"id": "one", "name": "disk"})
    for value in (b"\xff\xfe", b'"' * 5_000, b'"1"' * 1_000, b"W/", b"*, *", b'"99999999999999999999999999"'):
        for name in ("If-Match", "If-None-Match", "Authorization", "X-Request-Id", "Content-Type"):
            answer = await client.request("PATCH", "/api/v1/configs/one", content=b"{}", headers=[(name, value)])
            assert answer.status_code < 500, (name, value)
            answer = await client.get("/api/v1/configs/one", headers=[(name, value)])
            assert answer.status_code < 500, (name, value)
    assert (await client.post("/api/v1/configs/one/revisions/99999999999/restore")).status_code == 422


#: The routes of the front door's list that are ours: there they are asked on SQLite, here on both databases.
OURS = [
    route
    for route in ROUTES
    if route.path.split("/")[3] in ("configs", "recipients", "alerts", "tokens", "accounts", "session", "invites")
]


@pytest.mark.parametrize("route", OURS, ids=str)
async def test_every_route_gives_the_same_verdict_on_both_databases(client: httpx2.AsyncClient, route: Route) -> None:
    await client.post("/api/v1/configs", json={"id": "hostile", "name": "hostile"})
    await client.post("/api/v1/recipients", json={"id": "hostile"})
    await client.post("/api/v1/accounts", json={"login": "admin", "role": "admin"})
    for name, hostile in HOSTILE.items():
        if route.optional and name in ("empty", "null"):
            continue
        headers = {"if-match": "*", **dict(hostile.headers)}
        answer = await client.request(route.method, route.path, content=hostile.body(route), headers=headers)
        judged = route.judges and answer.is_success and answer.json()["errors"]
        assert judged or answer.status_code in hostile.statuses, (name, answer.status_code, answer.text[:300])
    answer = await client.request(route.method, route.path, json=route.good(), headers={"if-match": "*"})
    assert answer.is_success or answer.status_code == route.refused, answer.text


def test_no_route_of_ours_is_left_out() -> None:
    assert len(OURS) == 16


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


def test_any_metric_is_kept_exactly_or_refused(database_url: str) -> None:
    """Also through the outbox: what the notifier is told is what was stored."""
    notifier = RecordingNotifier()
    with asyncio.Runner() as runner:
        context = configurator(database_url, notifier)
        client = runner.run(context.__aenter__())

        @given(st.dictionaries(st.text(), json_values, max_size=5))
        @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
        def explore(metric: dict[str, Any]) -> None:
            text = json.dumps({"name": "disk", "metric": metric})
            answer = runner.run(
                client.post("/api/v1/configs", content=text, headers={"content-type": "application/json"})
            )
            if "\\u0000" in text:
                assert answer.status_code == 422
                return
            assert answer.status_code == 201, answer.text
            assert runner.run(client.get(answer.headers["location"])).json()["metric"] == metric

        explore()
        runner.run(context.__aexit__(None, None, None))
