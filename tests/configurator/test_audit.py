"""The audit trail: each act leaves exactly one record, together with what it did, and no secret in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from configurator import audit
from configurator.app import MIGRATIONS
from configurator.audit import About, Search
from service_kit.database import Database, open_database
from tests.configurator.people import (
    ACCOUNTS,
    COOKIE,
    PASSWORD,
    SESSION,
    accept,
    browser,
    invite,
    invite_of,
    sign_in,
)

AUDIT = "/api/v1/audit"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


async def trail(client: httpx2.AsyncClient, **search: Any) -> list[dict[str, Any]]:
    """The oldest first."""
    answer = await client.get(AUDIT, params=search)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items[::-1]


async def actions(client: httpx2.AsyncClient, **search: Any) -> list[str]:
    return [record["action"] for record in await trail(client, **search)]


async def test_the_life_of_an_account_is_a_line_of_records(client: httpx2.AsyncClient) -> None:
    await invite(client, "root", "admin")
    made = await invite(client, "ann")
    path = f"{ACCOUNTS}/{made['id']}"
    secrets = [PASSWORD, "a new password", invite_of(made["invite"]["link"])]
    async with browser(client) as page:
        await accept(page, made)
        secrets.append(page.cookies[COOKIE])
        await page.delete(SESSION)
        await sign_in(page, "ann", "not the password")
        await sign_in(page, "ann")
        await page.put(f"{SESSION}/password", json={"old": PASSWORD, "new": "a new password"})
        await client.patch(path, json={"role": "operator", "name": "Ann"})
        await client.patch(path, json={"role": "operator"})
        await client.post(f"{path}/invite")
        await client.post(f"{path}/sign-out")
        await client.post(f"{SESSION}/link", json={"login": "ann"})
        await client.delete(path)
    records = await trail(client, about=made["id"])
    assert [record["action"] for record in records] == [
        "account-created", "account-invited", "password-changed", "signed-in", "signed-out", "sign-in-refused",
        "signed-in", "password-changed", "account-changed", "account-invited", "sessions-ended", "sign-in-link-made",
        "account-deleted",
    ]  # fmt: skip
    by = [record["by"] and record["by"]["name"] for record in records]
    assert by == [*["service"] * 2, *["ann"] * 3, None, *["ann"] * 2, *["service"] * 5]
    assert {record["about"]["name"] for record in records} == {"ann"}
    details = {record["action"]: record["details"] for record in records}
    assert details["account-created"] == {"role": "viewer", "recipient": "ann"}
    assert details["account-changed"] == {"role": ["viewer", "operator"], "name": ["ann", "Ann"]}
    assert details["signed-in"]["how"] == "password"
    text = (await client.get(AUDIT, params={"limit": 500})).text
    assert [secret for secret in secrets if secret in text] == []


async def test_tokens_and_jwts_have_theirs(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/api/v1/tokens", json={"name": "mine", "scopes": ["events:read"]})).json()
    await client.delete(f"/api/v1/tokens/{made['id']}")
    await client.post("/api/v1/recipients", json={"id": "u1"})
    inbox = (await client.post("/api/v1/tokens", json={"scopes": ["inbox"], "recipient": "u1"})).json()
    await client.post("/api/v1/recipients/u1/revoke-jwts")
    await client.delete("/api/v1/recipients/u1")
    records = await trail(client)
    assert [(record["action"], record["about"]["id"]) for record in records] == [
        ("token-created", made["id"]), ("token-revoked", made["id"]), ("token-created", inbox["id"]),
        ("jwts-revoked", "u1"), ("token-revoked", inbox["id"]), ("jwts-revoked", "u1"),
    ]  # fmt: skip
    assert records[0]["about"] == {"kind": "token", "id": made["id"], "name": "mine"}
    assert records[0]["details"] == {"scopes": ["events:read"], "recipient": None, "expires_at": None}
    assert made["token"] not in str(records)


async def test_a_stranger_s_words_are_not_kept(client: httpx2.AsyncClient) -> None:
    """People type their password into the wrong field."""
    async with browser(client) as page:
        await sign_in(page, "my-secret-password", "ann")
    [record] = await trail(client)
    assert (record["action"], record["by"], record["about"]) == ("sign-in-refused", None, None)
    assert "my-secret" not in str(record)


async def test_what_is_refused_leaves_no_record(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "root", "admin")
    before = await trail(client)
    await client.delete(f"{ACCOUNTS}/{made['id']}")
    await client.patch(f"{ACCOUNTS}/{made['id']}", json={"role": "viewer"})
    await client.patch(f"{ACCOUNTS}/{made['id']}", json={"role": "admin"})
    await client.post(ACCOUNTS, json={"login": "root"})
    await client.delete("/api/v1/tokens/unknown")
    assert await trail(client) == before


async def test_what_a_person_did_is_found_by_their_account_in_whichever_session(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "root", "admin")
    async with browser(client) as page:
        await accept(page, made)
        await page.post(ACCOUNTS, json={"login": "ann"})
        await sign_in(page, "root")
        await page.post(ACCOUNTS, json={"login": "eva"})
    acts = await trail(client, by=made["id"], action="account-created")
    assert [(record["by"]["name"], record["about"]["name"]) for record in acts] == [("root", "ann"), ("root", "eva")]


async def test_it_is_read_in_pages_the_newest_first_and_by_action_and_person(client: httpx2.AsyncClient) -> None:
    made = [await invite(client, f"p{number}") for number in range(3)]
    first = (await client.get(AUDIT, params={"limit": 4})).json()
    rest = (await client.get(AUDIT, params={"limit": 4, "next": first["next"]})).json()
    seen = [record["id"] for record in first["items"] + rest["items"]]
    assert seen == sorted(seen, reverse=True)
    assert (len(seen), rest["next"]) == (6, None)
    assert await actions(client, action="account-invited") == ["account-invited"] * 3
    assert await actions(client, about=made[1]["id"]) == ["account-created", "account-invited"]
    assert await actions(client, by="nobody") == []
    assert len(await actions(client, by="bootstrap")) == 6
    wrong = await client.get(AUDIT, params={"action": "everything"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "literal-error")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url, MIGRATIONS)
    yield opened
    await opened.close()


async def test_it_is_forgotten_in_time_and_strangers_push_out_only_strangers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("configurator.audit._MOST_REFUSALS", 3)
    who = About("account", "a1", "ann")
    for days in (40, 20, 1):
        await database.write(audit.note, "account-created", NOW - timedelta(days=days), None, who)
    for minutes in range(5):
        await database.write(audit.note, "sign-in-refused", NOW + timedelta(minutes=minutes), None, None)
    assert await database.write(audit.forget, timedelta(days=30), NOW) == 3
    assert await database.write(audit.forget, timedelta(days=30), NOW) == 0
    left = await database.read(audit.page, Search(), None, 100)
    assert [(record.action, record.at) for record in left] == [
        *[("sign-in-refused", NOW + timedelta(minutes=minutes)) for minutes in (4, 3, 2)],
        *[("account-created", NOW - timedelta(days=days)) for days in (1, 20)],
    ]
