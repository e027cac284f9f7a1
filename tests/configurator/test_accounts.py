"""Accounts, sessions and one-time links, at the front door of the configurator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from configurator.guesses import Guesses, pause
from service_kit.secrets import hash_token
from tests.configurator.conftest import RecordingNotifier, configurator

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
async def browser(client: httpx2.AsyncClient) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that knows no token, keeps cookies, and says where its page is from."""
    transport = httpx2.ASGITransport(client.app)  # type: ignore[attr-defined]
    async with httpx2.AsyncClient(transport=transport, base_url="http://configurator", headers=OURS) as opened:
        yield opened


async def accept(page: httpx2.AsyncClient, made: dict[str, Any], password: str = PASSWORD) -> dict[str, Any]:
    answer = await page.post(ACCEPT, json={"invite": invite_of(made["invite"]["link"]), "password": password})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def sign_in(page: httpx2.AsyncClient, login: str, password: str = PASSWORD) -> httpx2.Response:
    return await page.post(SESSION, json={"login": login, "password": password})


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


async def test_the_cookie_is_for_the_browser_alone(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        answer = await page.post(ACCEPT, json={"invite": invite_of(made["invite"]["link"]), "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=aw_")
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Max-Age=1209600"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    assert page.cookies[COOKIE] not in answer.text


async def test_under_https_the_browser_keeps_others_from_setting_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    async with configurator(url, RecordingNotifier(), public_url="https://alerts.example.org") as client:
        made = await invite(client, "ann")
        assert made["invite"]["link"].startswith("https://alerts.example.org/sign-in#invite=")
        answer = await client.post(ACCEPT, json={"invite": invite_of(made["invite"]["link"]), "password": PASSWORD})
    assert answer.headers["set-cookie"].startswith("__Host-alertwrap_session=aw_")
    assert "Secure" in answer.headers["set-cookie"]


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


async def test_guessing_is_slowed_down_for_the_login_and_for_no_other(client: httpx2.AsyncClient) -> None:
    ann, bob = await invite(client, "ann"), await invite(client, "bob")
    async with browser(client) as page:
        await accept(page, ann)
        await accept(page, bob)
        answers = [await sign_in(page, "ann", f"guess {number}") for number in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert answers[-1].headers["retry-after"] == "1"
        assert (await sign_in(page, "ann")).status_code == 429, "or a right guess would be told from a wrong one"
        assert (await sign_in(page, "bob")).status_code == 200


def test_the_wait_grows_is_bounded_and_ends() -> None:
    assert [pause(number) for number in (0, 4, 5, 6, 7, 10, 11, 10_000)] == [0, 0, 1, 2, 4, 32, 60, 60]
    guesses = Guesses()
    for _ in range(5):
        assert guesses.wait("ann", 0.0) == 0
    assert guesses.wait("ann", 0.5) == 0.5
    assert guesses.wait("ann", 1.0) == 0
    assert guesses.wait("ann", 1.5) == 1.5
    assert [guesses.wait("ann", 2_000.0) for _ in range(5)] == [0] * 5, "a quarter of an hour later all is forgotten"
    guesses.right("ann")
    assert guesses.wait("ann", 2_000.0) == 0


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


async def test_who_loses_the_recipient_loses_the_inbox_and_the_sessions(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "ann")
    async with browser(client) as page:
        await accept(page, made)
        await client.delete("/api/v1/recipients/ann", headers={"if-match": "*"})
        assert (await page.get(SESSION)).status_code == 401
        assert (await sign_in(page, "ann")).json()["recipient"] is None
        await client.post("/api/v1/recipients", json={"id": "ann", "name": "Somebody else"})
        assert (await sign_in(page, "ann")).json()["recipient"] is None


async def test_a_sign_in_link_works_once_and_not_for_long(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def link(**wanted: str) -> str:
        answer = await client.post(f"{SESSION}/link", json=wanted)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["link"]).partition("#link=")[2]

    first = await link()
    second = await link()
    async with browser(client) as page:
        assert (await page.post(SESSION, json={"link": first})).status_code == 401, "the second replaced it"
        view = (await page.post(SESSION, json={"link": second})).json()
        assert (view["account"]["login"], view["role"], view["recipient"]) == ("admin", "admin", "admin")
        assert (await page.get(ACCOUNTS)).json()["items"][0]["login"] == "admin"
        assert (await page.post(SESSION, json={"link": second})).status_code == 401
        chosen = await page.put(f"{SESSION}/password", json={"new": PASSWORD})
        assert chosen.status_code == 204, "who came by a link has no old password"
        late = await link(login="admin")
        monkeypatch.setattr("configurator.sessions.utc_now", lambda: datetime.now(UTC) + timedelta(minutes=16))
        assert (await page.post(SESSION, json={"link": late})).status_code == 401
    unknown = await client.post(f"{SESSION}/link", json={"login": "nobody"})
    assert unknown.status_code == 404


async def test_an_invite_opens_nothing_after_its_time(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await invite(client, "ann")
    monkeypatch.setattr("configurator.sessions.utc_now", lambda: datetime.now(UTC) + timedelta(days=8))
    answer = await client.post(ACCEPT, json={"invite": invite_of(made["invite"]["link"]), "password": PASSWORD})
    assert answer.status_code == 401
    as_link = await client.post(SESSION, json={"link": invite_of(made["invite"]["link"])})
    assert as_link.status_code == 401, "an invite is no sign-in link"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": "http://configurator"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://configurator"},
        {"origin": "http://configurator.evil.example"},
        {"origin": "http://CONFIGURATOR"},
        {},
    ],
    ids=str,
)
async def test_another_page_changes_nothing_with_the_cookie(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    made = await invite(client, "ann", "operator")
    async with browser(client) as page:
        await accept(page, made)
        cookie = {"cookie": f"{COOKIE}={page.cookies[COOKIE]}"}
        transport = httpx2.ASGITransport(client.app)  # type: ignore[attr-defined]
        async with httpx2.AsyncClient(transport=transport, base_url="http://configurator") as other:
            sent = {**headers, **cookie}
            for answer in (
                await other.post("/api/v1/recipients", json={"name": "x"}, headers=sent),
                await other.put(f"{SESSION}/password", json={"new": PASSWORD}, headers=sent),
                await other.delete(SESSION, headers=sent),
            ):
                assert (answer.status_code, answer.json()["code"]) in (
                    (403, "cookie-of-another-page"),
                    (403, "another-page"),
                )
            assert (await other.get("/api/v1/configs", headers=sent)).status_code == 200, "reading changes nothing"
            if headers:
                foreign = await other.post(SESSION, json={"login": "ann", "password": PASSWORD}, headers=headers)
                assert foreign.status_code == 403, "nobody is signed in by another page"
        assert (await page.get(SESSION)).status_code == 200


@pytest.mark.parametrize("headers", [OURS, {"origin": "http://configurator"}], ids=str)
async def test_our_own_page_may_change_things(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    made = await invite(client, "ann", "operator")
    async with browser(client) as page:
        await accept(page, made)
        del page.headers["sec-fetch-site"]
        answer = await page.post("/api/v1/recipients", json={"name": "x"}, headers=headers)
        assert answer.status_code == 201


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
