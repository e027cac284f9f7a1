"""Accounts, sessions and one-time links, at the front door of the configurator."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from service_kit.secrets import hash_token
from tests.configurator.conftest import RecordingNotifier, configurator
from tests.configurator.people import (
    ACCEPT,
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


async def test_an_invited_person_chooses_a_password_and_is_signed_in(
    client: httpx2.AsyncClient, notifier: RecordingNotifier
) -> None:
    made = await invite(client, "Ann@example.org", "operator", name="Ann")
    assert (made["login"], made["recipient"], made["has_password"]) == ("ann@example.org", "ann@example.org", False)
    assert made["invite"]["link"].startswith("http://configurator/sign-in#invite=aw_")
    assert made["invite"]["link"].endswith("&login=ann%40example.org")
    assert notifier.state("recipient")["ann@example.org"]["addresses"] == {"email": "ann@example.org"}
    async with browser(client) as page:
        view = await accept(page, made)
        assert view["account"] == {"id": made["id"], "login": made["login"], "name": "Ann", "has_password": True}
        assert (view["role"], view["recipient"]) == ("operator", "ann@example.org")
        assert (await page.get(SESSION)).json() == view
        assert (await page.get("/api/v1/configs")).status_code == 200
        assert (await page.get(ACCOUNTS)).status_code == 403
        known = notifier.state("token")[hash_token(page.cookies[COOKIE])]
        assert known["account"] == made["id"]
        again = await page.post(
            ACCEPT, json={"invite": invite_of(made["invite"]["link"]), "password": "another password"}
        )
        assert again.status_code == 401, "an invite is for once"
    shown = (await client.get(f"{ACCOUNTS}/{made['id']}")).json()
    assert (shown["sessions"], shown["has_password"], shown["invited_until"]) == (1, True, None)
    assert (await client.get("/api/v1/tokens")).json()["items"] == [], "a session is no token that somebody made"


async def test_signing_out_ends_the_session_everywhere(client: httpx2.AsyncClient, notifier: RecordingNotifier) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        await accept(page, made)
        kept = page.cookies[COOKIE]
        answer = await page.delete(SESSION)
        assert (answer.status_code, COOKIE in page.cookies) == (204, False)
        assert notifier.state("token") == {}
        assert (await page.get(SESSION)).status_code == 401
        assert (await page.get(SESSION, headers={"cookie": f"{COOKIE}={kept}"})).status_code == 401
        assert (await page.delete(SESSION)).status_code == 204


async def test_by_password(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        unaccepted = await sign_in(page, "ann")
        await accept(page, made)
        await page.delete(SESSION)
        wrong, unknown = await sign_in(page, "ann", "not the password"), await sign_in(page, "nobody", "whatever")
        right = await sign_in(page, " ANN ")
        await client.patch(f"{ACCOUNTS}/{made['id']}", json={"disabled": True})
        disabled = await sign_in(page, "ann")
    assert right.status_code == 200
    assert {answer.status_code for answer in (wrong, unknown, unaccepted, disabled)} == {401}
    assert len({answer.json()["detail"] for answer in (wrong, unknown, unaccepted, disabled)}) == 1, "tells who exists"


async def test_one_accent_is_the_same_password_on_every_system(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        await accept(page, made, "пароль-ёлочка")
        assert (await sign_in(page, "ann", "пароль-е\u0308лочка")).status_code == 200


@pytest.mark.parametrize(
    "change",
    [{"role": "operator"}, {"disabled": True}, None, "sign-out", "invite"],
    ids=["role", "disabled", "deleted", "signed out", "password forgotten"],
)
async def test_what_ends_all_sessions_of_a_person(
    client: httpx2.AsyncClient, notifier: RecordingNotifier, change: Any
) -> None:
    made = await invite(client, "ann")
    path = f"{ACCOUNTS}/{made['id']}"
    async with browser(client) as one, browser(client) as other:
        await accept(one, made)
        await sign_in(other, "ann")
        if change is None:
            answer = await client.delete(path)
        elif change == "invite":
            answer = await client.post(f"{path}/invite")
            await accept(client, {"invite": answer.json()}, "a new password")
        elif change == "sign-out":
            answer = await client.post(f"{path}/sign-out")
            assert answer.json() == {"sessions": 2}
        else:
            answer = await client.patch(path, json=change)
        assert answer.is_success, answer.text
        for page in (one, other):
            assert (await page.get(SESSION)).status_code == 401
    assert len(notifier.state("token")) == (1 if change == "invite" else 0), "the others do not know it"


async def test_another_name_signs_nobody_out(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        await accept(page, made)
        assert (await client.patch(f"{ACCOUNTS}/{made['id']}", json={"name": "Anna"})).json()["name"] == "Anna"
        assert (await page.get(SESSION)).json()["account"]["name"] == "Anna"


async def test_changing_the_password_ends_the_other_sessions(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "ann")
    async with browser(client) as one, browser(client) as other:
        await accept(one, made)
        await sign_in(other, "ann")
        wrong = await one.put(f"{SESSION}/password", json={"old": "guess", "new": "a new password"})
        assert (wrong.status_code, wrong.json()["errors"][0]["path"]) == (422, "/old")
        missing = await one.put(f"{SESSION}/password", json={"new": "a new password"})
        assert (missing.status_code, missing.json()["errors"][0]["path"]) == (422, "/old")
        changed = await one.put(f"{SESSION}/password", json={"old": PASSWORD, "new": "a new password"})
        assert changed.status_code == 204, changed.text
        assert (await one.get(SESSION)).status_code == 200
        assert (await other.get(SESSION)).status_code == 401
        assert (await sign_in(other, "ann")).status_code == 401
        assert (await sign_in(other, "ann", "a new password")).status_code == 200


@pytest.mark.parametrize(
    ("password", "status"), [("qwe-rty", 422), ("ann@example.org", 422), ("aaaaaaaaaaaaaaaa", 422), ("x" * 257, 422)]
)
async def test_a_weak_password_is_refused_by_field_and_the_invite_stays(
    client: httpx2.AsyncClient, password: str, status: int
) -> None:
    made = await invite(client, "ann@example.org")
    async with browser(client) as page:
        given = {"invite": invite_of(made["invite"]["link"]), "password": password}
        answer = await page.post(ACCEPT, json=given)
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (status, "/password")
        assert password not in answer.text
        await accept(page, made)


async def test_somebody_stays_who_may_everything(client: httpx2.AsyncClient) -> None:
    only = await invite(client, "root", "admin")
    path = f"{ACCOUNTS}/{only['id']}"
    for answer in (
        await client.delete(path),
        await client.patch(path, json={"role": "viewer"}),
        await client.patch(path, json={"disabled": True}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last-admin")
    other = await invite(client, "second", "admin")
    await client.patch(f"{ACCOUNTS}/{other['id']}", json={"disabled": True})
    assert (await client.delete(path)).status_code == 409, "a disabled admin is none"
    await client.patch(f"{ACCOUNTS}/{other['id']}", json={"disabled": False})
    assert (await client.delete(path)).status_code == 204


async def test_an_inbox_belongs_to_one_account(client: httpx2.AsyncClient) -> None:
    await client.post("/api/v1/recipients", json={"id": "u1", "name": "Ann"})
    made = await invite(client, "ann", recipient="u1")
    assert made["recipient"] == "u1"
    for login, recipient in (("bob", "u1"), ("bob", "nobody"), ("u1", None)):
        answer = await client.post(ACCOUNTS, json={"login": login, "recipient": recipient})
        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "/recipient"), answer.text
    again = await client.post(ACCOUNTS, json={"login": "ANN"})
    assert (again.status_code, again.json()["errors"][0]["path"]) == (409, "/login")


@pytest.mark.parametrize("taken", [{"login": "ann"}, {"login": "bob", "recipient": "ann"}], ids=["login", "inbox"])
async def test_who_is_overtaken_by_another_process_is_told_so(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, taken: dict[str, Any]
) -> None:
    """Both looked, and neither saw the other's."""
    await invite(client, "ann")
    for look in ("find_login", "find_recipient"):
        monkeypatch.setattr(f"configurator.account_store.{look}", lambda *_: None)
    answer = await client.post(ACCOUNTS, json=taken)
    assert (answer.status_code, answer.json()["code"]) == (409, "taken-meanwhile")
    assert (await client.get(ACCOUNTS)).json()["items"][0]["login"] == "ann"


async def test_who_loses_the_recipient_loses_the_inbox_and_the_sessions(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        await accept(page, made)
        await client.delete("/api/v1/recipients/ann", headers={"if-match": "*"})
        assert (await page.get(SESSION)).status_code == 401
        assert (await sign_in(page, "ann")).json()["recipient"] is None
        await client.post("/api/v1/recipients", json={"id": "ann", "name": "Somebody else"})
        assert (await sign_in(page, "ann")).json()["recipient"] is None


async def test_an_admin_in_a_session_makes_tokens_that_outlive_it(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "root", "admin")
    async with browser(client) as page:
        await accept(page, made)
        answer = await page.post("/api/v1/tokens", json={"scopes": ["notices:write"]})
        assert answer.status_code == 201, answer.text
        assert (await page.post(f"{SESSION}/link")).status_code == 403, "links are made by whoever owns the data"


async def test_old_sessions_make_room(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("configurator.sessions.MOST", 2)
    made = await invite(client, "ann")
    async with browser(client) as first, browser(client) as second, browser(client) as third:
        await accept(first, made)
        await sign_in(second, "ann")
        await sign_in(third, "ann")
        assert [(await page.get(SESSION)).status_code for page in (first, second, third)] == [401, 200, 200]


async def test_sessions_and_passwords_survive_a_restart_and_are_kept_as_hashes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    async with configurator(url, RecordingNotifier()) as client, browser(client) as page:
        made = await invite(client, "ann")
        await accept(page, made)
        session = page.cookies[COOKIE]
        files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    secrets = (session, PASSWORD, invite_of(made["invite"]["link"]))
    assert [secret for secret in secrets if secret.encode() in files] == []
    async with configurator(url, RecordingNotifier()) as client, browser(client) as page:
        page.cookies.set(COOKIE, session)
        assert (await page.get(SESSION)).status_code == 200
        assert (await sign_in(page, "ann")).status_code == 200


async def test_a_session_ends_by_itself(client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        view = await accept(page, made)
        expires = datetime.fromisoformat(view["expires_at"])
        monkeypatch.setattr("service_kit.auth.utc_now", lambda: expires)
        assert (await page.get(SESSION)).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (ACCOUNTS, {"login": "a b"}, "/login"),
        (ACCOUNTS, {"login": ""}, "/login"),
        (ACCOUNTS, {"login": "ann", "role": "root"}, "/role"),
        (ACCOUNTS, {"login": "ann", "name": " "}, "/name"),
        (ACCOUNTS, {"login": "ann", "password": "x"}, "/password"),
        (SESSION, {"login": "ann"}, ""),
        (SESSION, {"link": "x", "login": "ann", "password": "x"}, ""),
        (SESSION, {"login": "ann", "password": {"$ne": ""}}, "/password"),
        (ACCEPT, {"invite": "x"}, "/password"),
    ],
)
async def test_wrong_requests_are_refused_by_field(
    client: httpx2.AsyncClient, path: str, body: dict[str, Any], field: str
) -> None:
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, field)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", ""), (b"null", ""), (b"[]", ""), (b'{"new": 5}', "/new"), (b'{"new": "a\\u0000bcdefghijkl"}', "/new"),
        (b'{"new": "long enough", "old": {}}', "/old"), (b'{"new": "long enough", "surprise": 1}', "/surprise"),
        (b'{"new": "' + b"a" * 300 + b'"}', "/new"), (b'{"old": "x"}', "/new"),
    ],
    ids=repr,
)  # fmt: skip
async def test_a_change_of_the_password_that_makes_no_sense(client: httpx2.AsyncClient, body: bytes, path: str) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        await accept(page, made)
        answer = await page.put(f"{SESSION}/password", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422, answer.text
        assert path in [error["path"] for error in answer.json()["errors"]]
        assert (await sign_in(page, "ann")).status_code == 200
