"""Tokens: their whole life, and that their text is nowhere kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import httpx2
import pytest

from configurator import store, tables
from configurator.app import MIGRATIONS
from configurator.drafts import TokenRequest
from configurator.last_uses import keep_last_uses
from configurator.tokens import OwnTokens, create_token, refusal
from notifier.frames import Change, Snapshot
from service_kit.auth import SCOPES, SERVICE, Principal, TokenTable
from service_kit.database import Database, open_database
from service_kit.outbox import Outbox
from service_kit.problems import Unavailable
from service_kit.secrets import Secret, hash_token
from tests.configurator.conftest import RecordingNotifier, authorized, configurator
from tests.conftest import cancelled, eventually

TOKENS = "/api/v1/tokens"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def contents(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in directory.iterdir()]


async def create(client: httpx2.AsyncClient, *scopes: str, **more: Any) -> dict[str, Any]:
    answer = await client.post(TOKENS, json={"name": "test", "scopes": scopes, **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_token_works_until_it_is_revoked(client: httpx2.AsyncClient, notifier: RecordingNotifier) -> None:
    made = await create(client, "configs:read", "configs:write", recipient="u1", expires_in="90d")
    as_made = authorized(made["token"])
    assert (await client.get("/api/v1/configs", headers=as_made)).status_code == 200
    known = notifier.state("token")[hash_token(made["token"])]
    assert known == {key: made[key] for key in ("id", "name", "scopes", "recipient", "expires_at")}
    assert (await client.delete(f"{TOKENS}/{made['id']}")).status_code == 204
    assert notifier.state("token") == {}, "the answer came before it was revoked everywhere"
    assert (await client.get("/api/v1/configs", headers=as_made)).status_code == 401
    assert (await client.delete(f"{TOKENS}/{made['id']}")).status_code == 404


async def test_a_token_is_shown_once(client: httpx2.AsyncClient) -> None:
    made = await create(client, "admin")
    answer = await client.get(TOKENS)
    assert made["token"] not in answer.text
    assert hash_token(made["token"]) not in answer.text
    assert answer.json()["items"] == [{key: value for key, value in made.items() if key != "token"}]


async def test_the_list_of_tokens_is_paged(client: httpx2.AsyncClient) -> None:
    made = [(await create(client, "events:read"))["id"] for _ in range(5)]
    first = (await client.get(TOKENS, params={"limit": 3})).json()
    rest = (await client.get(TOKENS, params={"limit": 3, "next": first["next"]})).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made
    assert rest["next"] is None


async def test_only_the_hash_is_in_the_database_and_its_log(tmp_path: Path, notifier: RecordingNotifier) -> None:
    async with configurator(f"sqlite:///{tmp_path}/store.db", notifier) as client:
        notifier.down = True  # so that the outbox keeps its event
        made = await create(client, "admin")
        files = contents(tmp_path)
    text = made["token"].encode()
    assert not any(text in content or text.removeprefix(b"aw_") in content for content in files)
    assert any(hash_token(made["token"]).encode() in content for content in files), "looked at the wrong files"


async def test_a_token_is_answered_though_the_notifier_stays_down(
    client: httpx2.AsyncClient, notifier: RecordingNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("configurator.tokens._FLUSH_SECONDS", 0.1)
    notifier.down = True
    async with asyncio.timeout(40):
        made = await create(client, "configs:read")
    assert (await client.get("/api/v1/configs", headers=authorized(made["token"]))).status_code == 200


async def test_tokens_survive_a_restart(database_url: str, notifier: RecordingNotifier) -> None:
    async with configurator(database_url, notifier) as client:
        kept, gone = await create(client, "configs:read"), await create(client, "configs:read")
        await client.delete(f"{TOKENS}/{gone['id']}")
    async with configurator(database_url, RecordingNotifier()) as client:
        assert (await client.get("/api/v1/configs", headers=authorized(kept["token"]))).status_code == 200
        assert (await client.get("/api/v1/configs", headers=authorized(gone["token"]))).status_code == 401


async def test_an_expired_token_is_refused(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await create(client, "configs:read", expires_in="1h")
    expires = datetime.fromisoformat(made["expires_at"])
    monkeypatch.setattr("service_kit.auth.utc_now", lambda: expires - timedelta(microseconds=1))
    assert (await client.get("/api/v1/configs", headers=authorized(made["token"]))).status_code == 200
    monkeypatch.setattr("service_kit.auth.utc_now", lambda: expires)
    assert (await client.get("/api/v1/configs", headers=authorized(made["token"]))).status_code == 401


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "/scopes"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["root"]}, "/scopes/0"),
        ({"scopes": ["service"]}, "/scopes/0"),
        ({"scopes": ["inbox"]}, ""),
        ({"scopes": ["admin"], "expires_in": "0"}, ""),
        ({"scopes": ["admin"], "expires_in": "never"}, "/expires_in"),
        ({"scopes": ["admin"], "id": "mine"}, "/id"),
        ({"scopes": ["admin"], "token": "aw_chosen"}, "/token"),
        ({"scopes": ["admin"], "recipient": "a/b"}, "/recipient"),
        ({"scopes": ["admin"], "name": "x" * 201}, "/name"),
    ],
)
async def test_wrong_requests_are_refused_by_field(client: httpx2.AsyncClient, body: dict[str, Any], path: str) -> None:
    answer = await client.post(TOKENS, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


def test_nobody_grants_what_they_may_not_do() -> None:
    def asks(*scopes: str, lasting: timedelta | None = None) -> TokenRequest:
        return TokenRequest(scopes=scopes, recipient="u1", expires_in=lasting)

    admin = Principal("a", "admin", frozenset({"admin"}))
    service = Principal("s", "service", frozenset({SERVICE}))
    for scope in SCOPES:
        assert refusal(admin, asks(scope), NOW) is None
        assert refusal(service, asks(scope), NOW) is None
        weak = Principal("w", "weak", frozenset({scope}))
        if scope != "admin":
            assert refusal(weak, asks("admin"), NOW)
            assert refusal(weak, asks(scope), NOW)
    passing = Principal("p", "passing", frozenset({"admin"}), expires_at=NOW + timedelta(hours=1))
    assert refusal(passing, asks("admin"), NOW)
    assert refusal(passing, asks("admin", lasting=timedelta(hours=2)), NOW)
    assert refusal(passing, asks("admin", lasting=timedelta(hours=1)), NOW) is None


async def test_a_token_may_be_made_where_no_server_runs(database_url: str, notifier: RecordingNotifier) -> None:
    database = open_database(database_url, MIGRATIONS)
    made = await create_token(database, TokenRequest(scopes=("inbox",), recipient="u1"), NOW)
    await database.close()
    text = made.token.get_secret_value()
    assert text not in repr(made)
    async with configurator(database_url, notifier) as client:
        assert (await client.get(TOKENS)).json()["items"][0]["created_by"] == "operator"
        assert (await client.get(TOKENS, headers=authorized(text))).status_code == 403
        await eventually(lambda: hash_token(text) in notifier.state("token"))


async def test_a_token_in_the_query_is_not_taken(client: httpx2.AsyncClient) -> None:
    made = await create(client, "admin")
    answer = await client.get(TOKENS, params={"token": made["token"]}, headers=authorized(None))
    assert answer.status_code == 401
    assert made["token"] not in json.dumps(answer.json())


async def test_processes_on_one_postgresql_learn_each_others_tokens(
    postgres_url: str, notifier: RecordingNotifier
) -> None:
    async with configurator(postgres_url, notifier) as one, configurator(postgres_url, notifier) as other:
        made = await create(one, "configs:read")
        await _answers(other, made["token"], 200)
        await one.delete(f"{TOKENS}/{made['id']}")
        await _answers(other, made["token"], 401)


async def _answers(client: httpx2.AsyncClient, token: str, wanted: int) -> None:
    status = 0
    async with asyncio.timeout(40):
        while status != wanted:
            await asyncio.sleep(0.02)
            status = (await client.get("/api/v1/configs", headers=authorized(token))).status_code


async def test_a_storage_that_is_away_for_a_while_does_not_end_the_reloading(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("configurator.tokens._RELOAD_SECONDS", 0.01)
    database = open_database(database_url, MIGRATIONS)
    table, looks = TokenTable(Secret("bootstrap-token-of-the-tests")), iter((Unavailable("away"), None))

    async def read(*given: Any) -> Any:
        error = next(looks, None)
        if error:
            raise error
        return await Database.read(database, *given)

    monkeypatch.setattr(database, "read", read)
    own = OwnTokens(database, table, Outbox(database, tables.outbox, AsyncMock()))
    reloading = asyncio.create_task(own.keep_reloading())
    async with cancelled(reloading):
        made = await create_token(database, TokenRequest(scopes=("admin",)), NOW)
        await eventually(lambda: reloading.done() or table.find(made.token.get_secret_value()))
        assert not reloading.done()
    await database.close()


async def test_what_the_services_tell_of_uses_is_kept(database_url: str) -> None:
    database = open_database(database_url, MIGRATIONS)
    id = (await create_token(database, TokenRequest(scopes=("admin",)), NOW)).row.id
    early, late = NOW + timedelta(hours=1), NOW + timedelta(hours=2)

    class Telling:
        async def follow(self, topic: str) -> AsyncIterator[Snapshot | Change]:
            assert topic == "token_use"
            yield Snapshot(topic, {id: {"at": late.isoformat()}, "gone": {"at": late.isoformat()}}, "e:1")
            yield Change(topic, id, "updated", {"at": early.isoformat()}, "e:2")
            yield Change(topic, id, "deleted", None, "e:3")

    await keep_last_uses(Telling(), database)
    assert [token.used_at for token in await database.read(store.page_tokens, None, 10)] == [late]
    await database.close()
