"""What tests of people do: invite, accept, sign in, each browser with cookies of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

ACCOUNTS, SESSION, ACCEPT = "/api/v1/accounts", "/api/v1/session", "/api/v1/invites/accept"
PASSWORD = "correct horse battery"
COOKIE = "alertwrap_session"
OURS = {"sec-fetch-site": "same-origin"}


async def invite(client: httpx2.AsyncClient, login: str, role: str = "viewer", **more: Any) -> dict[str, Any]:
    answer = await client.post(ACCOUNTS, json={"login": login, "role": role, **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def invite_of(link: str) -> str:
    return link.partition("#invite=")[2].partition("&")[0]


@asynccontextmanager
async def browser(client: httpx2.AsyncClient, url: str = "http://configurator") -> AsyncIterator[httpx2.AsyncClient]:
    """A client that knows no token, keeps cookies, and says where its page is from."""
    transport = httpx2.ASGITransport(client.app)  # type: ignore[attr-defined]
    async with httpx2.AsyncClient(transport=transport, base_url=url, headers=OURS) as opened:
        yield opened


async def accept(page: httpx2.AsyncClient, made: dict[str, Any], password: str = PASSWORD) -> dict[str, Any]:
    answer = await page.post(ACCEPT, json={"invite": invite_of(made["invite"]["link"]), "password": password})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def sign_in(page: httpx2.AsyncClient, login: str, password: str = PASSWORD) -> httpx2.Response:
    return await page.post(SESSION, json={"login": login, "password": password})
