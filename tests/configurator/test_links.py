"""One-time links: each opens one account, once, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from tests.configurator.people import ACCEPT, ACCOUNTS, PASSWORD, SESSION, accept, browser, invite, invite_of


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


async def test_a_new_password_by_invite_leaves_no_other_link_open(client: httpx2.AsyncClient) -> None:
    made = await invite(client, "ann")
    link = (await client.post(f"{SESSION}/link", json={"login": "ann"})).json()["link"].partition("#link=")[2]
    async with browser(client) as page:
        await accept(page, made)
        assert (await page.post(SESSION, json={"link": link})).status_code == 401
