"""Who may call what: every route of the router, by every kind of caller. A new route without a row here fails."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from service_kit.app import all_routes
from service_kit.auth import SCOPES, SERVICE
from tests.configurator.conftest import RecordingNotifier, authorized, configurator

DOCUMENTS = {"GET": "configs:read", "POST": "configs:write", "PUT": "configs:write", "PATCH": "configs:write",
             "DELETE": "configs:write"}  # fmt: skip
#: Whatever the token may; only a person in their session.
KNOWN, PERSON = "known", "person"
WANTED = {
    **{(method, path): DOCUMENTS[method] for path, methods in {
        "/api/v1/configs": ("GET", "POST"),
        "/api/v1/configs/{id}": ("GET", "PUT", "PATCH", "DELETE"),
        "/api/v1/configs/{id}/revisions": ("GET",),
        "/api/v1/configs/{id}/revisions/{number}/restore": ("POST",),
        "/api/v1/configs/problems": ("GET",),
        "/api/v1/configs/export": ("GET",),
        "/api/v1/configs/apply": ("POST",),
        "/api/v1/recipients": ("GET", "POST"),
        "/api/v1/recipients/{id}/revisions/{number}/restore": ("POST",),
        "/api/v1/recipients/{id}": ("GET", "PUT", "PATCH", "DELETE"),
        "/api/v1/recipients/{id}/revisions": ("GET",),
        "/api/v1/alerts": ("GET",),
        "/api/v1/alerts/{name}": ("GET",),
    }.items() for method in methods},
    ("PUT", "/api/v1/alerts/{name}"): "alerts:write",
    ("DELETE", "/api/v1/alerts/{name}"): "alerts:write",
    ("POST", "/api/v1/configs/validate"): "configs:read",
    ("POST", "/api/v1/configs/plan"): "configs:read",
    ("POST", "/api/v1/recipients/{id}/revoke-jwts"): "configs:write",
    ("GET", "/api/v1/audit"): "admin",
    ("GET", "/api/v1/tokens"): "admin",
    ("POST", "/api/v1/tokens"): "admin",
    ("DELETE", "/api/v1/tokens/{id}"): "admin",
    **{(method, path): "admin" for path, methods in {
        "/api/v1/accounts": ("GET", "POST"),
        "/api/v1/accounts/{id}": ("GET", "PATCH", "DELETE"),
        "/api/v1/accounts/{id}/invite": ("POST",),
        "/api/v1/accounts/{id}/sign-out": ("POST",),
    }.items() for method in methods},
    ("POST", "/api/v1/invites/accept"): None,
    ("POST", "/api/v1/session"): None,
    ("GET", "/api/v1/session"): KNOWN,
    ("DELETE", "/api/v1/session"): None,
    ("PUT", "/api/v1/session/password"): PERSON,
    ("POST", "/api/v1/session/link"): SERVICE,
    ("GET", "/metrics"): "metrics:read",
    ("GET", "/api/v1/system"): "metrics:read",
    ("GET", "/api/v1/system/configurator"): "metrics:read",
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
    ("GET", "/openapi.json"): None,
}  # fmt: skip


def routes(client: Any) -> set[tuple[str, str]]:
    found = [route for route in all_routes(client.app.app.routes) if isinstance(route, APIRoute)]
    return {(method, route.path) for route in found for method in route.methods}


def ids(path: str) -> list[str]:
    """The path with an unknown id, and with the template itself."""
    literal = re.sub(r"\{number\}", "1", path)
    return sorted({re.sub(r"\{\w+\}", "unknown", literal), literal})


async def status(client: httpx2.AsyncClient, method: str, path: str, token: str | None) -> int:
    headers = authorized(token) | {"If-Match": '"1"'}
    return (await client.request(method, path, json={} if method != "GET" else None, headers=headers)).status_code


async def test_every_route_has_a_row(tmp_path: Any, notifier: RecordingNotifier) -> None:
    async with configurator(f"sqlite:///{tmp_path}/store.db", notifier) as client:
        assert routes(client) == set(WANTED)


async def test_every_route_lets_in_only_whom_it_should(
    tmp_path: Any, notifier: RecordingNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with configurator(f"sqlite:///{tmp_path}/store.db", notifier) as client:
        made: dict[str, dict[str, Any]] = {}
        for scope in (*SCOPES, "revoked", "expired"):
            body = {"scopes": [scope if scope in SCOPES else "admin"], "recipient": "u1"}
            body |= {"expires_in": "1h"} if scope == "expired" else {}
            made[scope] = (await client.post("/api/v1/tokens", json=body)).json()
        await client.delete(f"/api/v1/tokens/{made['revoked']['id']}")
        later = datetime.fromisoformat(made["expired"]["expires_at"]) + timedelta(seconds=1)
        monkeypatch.setattr("service_kit.auth.utc_now", lambda: later)

        for (method, template), wanted in WANTED.items():
            for path in ids(template):
                for name, token in {None: None, "unknown": "aw_unknown"}.items():
                    code = await status(client, method, path, token)
                    assert (code == 401) == (wanted is not None), (method, path, name, code)
                for name, token in made.items():
                    code = await status(client, method, path, token["token"])
                    if wanted is None:
                        expected = "in"
                    elif name in ("revoked", "expired"):
                        expected = "401"
                    else:
                        opens = wanted in (name, KNOWN) or (name == "admin" and wanted not in (PERSON, SERVICE))
                        expected = "in" if opens else "403"
                    answered = str(code) if code in (401, 403) else "in"
                    assert answered == expected, (method, path, name, code)
                    assert code < 500, (method, path, name, code)
