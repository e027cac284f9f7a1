"""Which pages may call: CORS for listed origins on every answer, preflights, and nothing for the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from service_kit.app import Part, build_app
from service_kit.auth import Principal, TokenTable, allow
from service_kit.guard import Guard
from service_kit.origins import Origins
from service_kit.secrets import Secret
from service_kit.settings import HttpSettings

LISTED = "https://panel.example.org"
FOREIGN = ["https://evil.example", "https://panel.example.org.evil.example", "http://panel.example.org", "null", ""]


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    router = APIRouter()

    @router.get("/thing")
    async def thing(_: Annotated[Principal, allow("admin")]) -> dict[str, Any]:
        return {}

    async def hot(scope: Any, receive: Any, answer: Any) -> None:
        await answer.whole(202, "application/json", b"{}")

    tokens = TokenTable(Secret("bootstrap"), synced=True)
    guard = Guard(
        tokens,
        Origins.of("https://alerts.example.org", "http://127.0.0.1:8000", (LISTED,)),
        "https://alerts.example.org",
    )

    async def ready() -> None: ...

    part = Part("test", "T", [router], guard, CollectorRegistry(), HttpSettings(), ready, {("POST", "/hot"): hot})
    transport = httpx2.ASGITransport(build_app(part))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(("method", "path", "token"), [("GET", "/thing", "bootstrap"), ("GET", "/thing", "wrong"),
                                                       ("GET", "/nowhere", "x"), ("POST", "/hot", "x")])  # fmt: skip
async def test_a_listed_page_may_read_every_answer(
    http: httpx2.AsyncClient, method: str, path: str, token: str
) -> None:
    headers = {"origin": LISTED, "authorization": f"Bearer {token}"}
    answer = await http.request(method, path, headers=headers)
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert answer.headers["vary"] == "origin"
    assert "access-control-allow-credentials" not in answer.headers
    assert "x-request-id" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_that_is_not_listed_may_not(http: httpx2.AsyncClient, origin: str) -> None:
    for method, path in (("GET", "/thing"), ("POST", "/hot")):
        answer = await http.request(method, path, headers={"origin": origin, "authorization": "Bearer bootstrap"})
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "origin", "a cache must not hand it to a page that is"
    asked = await http.options("/thing", headers={"origin": origin, "access-control-request-method": "GET"})
    assert (asked.status_code, asked.json()["code"]) == (403, "origin-not-listed")


async def test_a_listed_page_may_ask_beforehand(http: httpx2.AsyncClient) -> None:
    wanted = {"access-control-request-method": "PATCH", "access-control-request-headers": "authorization,if-match"}
    answer = await http.options("/thing", headers={"origin": LISTED, **wanted})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert {"authorization", "if-match"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert "PATCH" in answer.headers["access-control-allow-methods"]


def request(**headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "scheme": "http", "headers": pairs}


@pytest.mark.parametrize(
    ("public_url", "told"), [("https://alerts.example.org", True), ("http://alerts", False), (None, False)]
)
def test_who_came_by_https_is_told_to_stay_there(public_url: str | None, told: bool) -> None:
    for listed in ((), (LISTED,)):
        origins = Origins.of(public_url, "https://inside:8000", listed)
        names = [name for name, _ in origins.answer_headers({"type": "http", "headers": []})]
        assert (b"strict-transport-security" in names) is told


def test_where_browsers_see_us_is_believed_from_the_settings_and_not_from_the_request() -> None:
    said = Origins.of("https://alerts.example.org/panel", "http://127.0.0.1:8000", ())
    assert said.is_own(request(origin="https://alerts.example.org", host="upstream:8000"))
    assert not said.is_own(request(origin="http://evil.example", host="evil.example"))
    unsaid = Origins.of(None, "http://127.0.0.1:8000", ())
    assert unsaid.is_own(request(origin="http://localhost:9000", host="localhost:9000"))
    assert not unsaid.is_own(request(origin="http://evil.example", host="localhost:9000"))


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://x/", "https://X.example", "https://x:443", "http://x:80", "x.example", "wss://x"]
)
def test_an_origin_that_no_browser_sends_is_refused_in_the_settings(origin: str) -> None:
    with pytest.raises(ValidationError, match="expected an origin"):
        HttpSettings(origins=(origin,))


def test_origins_as_browsers_write_them() -> None:
    for origin in (LISTED, "http://localhost:5173", "https://x:8443", "http://[::1]:8000"):
        assert HttpSettings(origins=(origin,)).origins == (origin,)
