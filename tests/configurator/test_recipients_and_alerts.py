"""Recipients and alerts over HTTP, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tests.configurator.conftest import RecordingNotifier, authorized, configurator
from tests.conftest import eventually

RECIPIENTS = "/api/v1/recipients"
ALERTS = "/api/v1/alerts"
ANN: dict[str, Any] = {
    "id": "ann@example.org",
    "name": "Ann",
    "addresses": {"email": "ann@example.org", "telegram": "42"},
    "locale": "de",
    "timezone": "Europe/Berlin",
    "roles": ["operator"],
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"max_pct": {"type": "integer", "maximum": 100}, "hosts": {"items": {"pattern": "^[a-z]+$"}}},
    "required": ["max_pct"],
    "additionalProperties": False,
}


async def test_a_recipient_lives(client: httpx2.AsyncClient, notifier: RecordingNotifier) -> None:
    made = await client.post(RECIPIENTS, json=ANN)
    assert (made.status_code, made.json(), made.headers["etag"]) == (201, ANN, '"1"')
    path = made.headers["location"]
    assert (await client.post(RECIPIENTS, json=ANN)).status_code == 200
    assert (await client.post(RECIPIENTS, json=ANN | {"name": "Anna"})).status_code == 409
    assert (await client.put(path, json=ANN)).status_code == 428
    patched = await client.patch(path, json={"addresses": {"telegram": None}}, headers={"If-Match": '"1"'})
    assert patched.json()["addresses"] == {"email": "ann@example.org"}
    assert (await client.put(path, json=ANN, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.put(path, json=ANN, headers={"If-Match": '"2"'})).json() == ANN
    assert (await client.get(RECIPIENTS)).json() == {"items": [ANN], "next": None}
    assert (await client.delete(path)).status_code == 204
    history = (await client.get(f"{path}/revisions")).json()["items"]
    assert [item["action"] for item in history] == ["deleted", "updated", "updated", "created"]
    assert history[0]["by"]["name"] == "service"
    await eventually(lambda: [event["action"] for event in notifier.events][-1:] == ["deleted"])
    assert notifier.state("recipient") == {}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"revision": 1}, "/revision"),
        ({"id": "ann/notices"}, "/id"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"addresses": {"email": "a\r\nBcc: b@example.org"}}, "/addresses/email"),
    ],
)
async def test_wrong_fields_of_a_recipient_are_named(
    client: httpx2.AsyncClient, change: dict[str, Any], path: str
) -> None:
    answer = await client.post(RECIPIENTS, json=ANN | change)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


async def test_a_deleted_recipients_tokens_are_revoked(client: httpx2.AsyncClient, notifier: RecordingNotifier) -> None:
    await client.post(RECIPIENTS, json=ANN)
    request = {"scopes": ["inbox", "configs:read"], "recipient": ANN["id"]}
    token = (await client.post("/api/v1/tokens", json=request)).json()["token"]
    assert (await client.get(RECIPIENTS, headers=authorized(token))).status_code == 200
    assert len(notifier.state("token")) == 1
    await client.delete(f"{RECIPIENTS}/{ANN['id']}")
    assert (await client.get(RECIPIENTS, headers=authorized(token))).status_code == 401
    await eventually(lambda: [key for key in notifier.state("token") if not key.startswith("jwts/")] == [])


async def test_an_alert_is_registered_changed_and_forgotten(client: httpx2.AsyncClient) -> None:
    alert = {"metric_schema": SCHEMA, "description": "Watches disks."}
    made = await client.put(f"{ALERTS}/disk", json=alert)
    assert (made.status_code, made.json()) == (201, {"name": "disk", **alert})
    assert (await client.put(f"{ALERTS}/disk", json=alert)).headers["etag"] == '"1"'
    changed = await client.put(f"{ALERTS}/disk", json={"description": "No schema."})
    assert (changed.status_code, changed.json()["metric_schema"], changed.headers["etag"]) == (200, None, '"2"')
    assert (await client.put(f"{ALERTS}/disk", json=alert, headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.get(f"{ALERTS}/disk", headers={"If-None-Match": '"2"'})).status_code == 304
    assert [item["name"] for item in (await client.get(ALERTS)).json()["items"]] == ["disk"]
    assert (await client.delete(f"{ALERTS}/disk")).status_code == 204
    assert (await client.get(f"{ALERTS}/disk")).status_code == 404


async def test_a_config_must_fit_the_schema_of_its_alert(client: httpx2.AsyncClient) -> None:
    await client.put(f"{ALERTS}/disk", json={"metric_schema": SCHEMA})
    wrong = {"max_pct": 200, "hosts": ["good", "Bad"], "typo": 1}
    answer = await client.post("/api/v1/configs", json={"name": "disk", "metric": wrong})
    assert answer.status_code == 422
    errors = {error["path"]: error["message"] for error in answer.json()["errors"]}
    assert errors["/metric/max_pct"] == "expected at most 100"
    assert errors["/metric/hosts/1"] == 'expected text that matches "^[a-z]+$"'
    assert "typo" in errors["/metric"]
    missing = await client.post("/api/v1/configs", json={"name": "disk"})
    [error] = missing.json()["errors"]
    assert (error["path"], error["code"]) == ("/metric/max_pct", "missing")
    made = await client.post("/api/v1/configs", json={"name": "disk", "metric": {"max_pct": 90}})
    assert made.status_code == 201
    path = f"/api/v1/configs/{made.json()['id']}"
    patch = await client.patch(path, json={"metric": {"max_pct": "x"}}, headers={"If-Match": '"1"'})
    assert (patch.status_code, patch.json()["errors"][0]["path"]) == (422, "/metric/max_pct")
    assert (await client.get(path)).json()["revision"] == 1


async def test_an_old_revision_that_breaks_the_schema_is_not_restored(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/api/v1/configs", json={"name": "disk", "metric": {"old": 1}})).json()
    path = f"/api/v1/configs/{made['id']}"
    await client.put(f"{ALERTS}/disk", json={"metric_schema": SCHEMA})
    await client.patch(path, json={"metric": {"old": None, "max_pct": 1}}, headers={"If-Match": '"1"'})
    assert (await client.post(f"{path}/revisions/1/restore")).status_code == 422


async def test_a_bad_schema_is_refused_where_it_is_bad(client: httpx2.AsyncClient) -> None:
    schema = {"properties": {"a": {"type": "nonsense"}, "b": {"$ref": "http://127.0.0.1:9/evil.json"}}}
    answer = await client.put(f"{ALERTS}/disk", json={"metric_schema": schema})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "/metric_schema/properties/b/$ref")
    del schema["properties"]["b"]
    answer = await client.put(f"{ALERTS}/disk", json={"metric_schema": schema})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "/metric_schema/properties/a/type")


async def test_an_alert_that_was_deleted_meanwhile_is_not_brought_back(client: httpx2.AsyncClient) -> None:
    made = await client.put("/api/v1/alerts/disk", json={"description": "old"})
    await client.delete("/api/v1/alerts/disk")
    lost = await client.put(
        "/api/v1/alerts/disk", json={"description": "new"}, headers={"If-Match": made.headers["etag"]}
    )
    assert lost.status_code == 412
    assert (await client.get("/api/v1/alerts/disk")).status_code == 404
    assert (await client.put("/api/v1/alerts/disk", json={"description": "new"})).status_code == 201


async def test_revoking_the_jwts_of_a_recipient_is_told_and_kept(
    database_url: str, notifier: RecordingNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with configurator(database_url, notifier) as client:
        answer = await client.post("/api/v1/recipients/who.is@nowhere/revoke-jwts")
        assert answer.status_code == 200, answer.text
        since = answer.json()["since"]
        told = {"recipient": "who.is@nowhere", "jwts_since": since}
        assert notifier.state("token") == {"jwts/who.is@nowhere": told}
        monkeypatch.setattr("configurator.routes.recipients.utc_now", lambda: datetime(2020, 1, 1, tzinfo=UTC))
        again = await client.post("/api/v1/recipients/who.is@nowhere/revoke-jwts")
        assert again.json()["since"] == since, "a clock that was set back opens nothing"
    fresh = RecordingNotifier()
    async with configurator(database_url, fresh):
        await eventually(lambda: fresh.state("token") == {"jwts/who.is@nowhere": told})


async def test_a_recipient_who_is_deleted_leaves_no_jwt_that_counts(
    client: httpx2.AsyncClient, notifier: RecordingNotifier
) -> None:
    await client.post("/api/v1/recipients", json={"id": "u1"})
    await client.delete("/api/v1/recipients/u1")
    assert list(notifier.state("token")) == ["jwts/u1"]
