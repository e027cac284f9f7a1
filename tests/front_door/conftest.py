"""One real `alertwrap up` for all tests at the front door, and a client for each kind of caller."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.story.system import BOOTSTRAP, bearer, one_process


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a running system."""
    with asyncio.Runner() as runner:
        process = one_process(tmp_path_factory.mktemp("front_door"), {})
        system = runner.run(process.__aenter__())
        yield system.url
        runner.run(process.__aexit__(None, None, None))


@pytest.fixture(scope="package")
def http(url: str) -> Iterator[httpx2.Client]:
    """A client of the system that sends no token of its own."""
    with httpx2.Client(base_url=url, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture(scope="package")
def service(http: httpx2.Client) -> dict[str, str]:
    """Headers of the services themselves: they may do everything."""
    return bearer(BOOTSTRAP)


@pytest.fixture(scope="package")
def document(http: httpx2.Client) -> dict[str, Any]:
    """The merged OpenAPI document."""
    found: dict[str, Any] = http.get("/openapi.json").json()
    return found


def new_token(http: httpx2.Client, *scopes: str, **more: Any) -> dict[str, Any]:
    """A fresh token: the answer of the configurator."""
    recipient = {"recipient": "ann"} if "inbox" in scopes else {}
    request = {"name": "front door", "scopes": scopes, **recipient, **more}
    answer = http.post("/api/v1/tokens", json=request, headers=bearer(BOOTSTRAP))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
