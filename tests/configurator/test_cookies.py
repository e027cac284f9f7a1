"""The session's cookie: whose it is, what it is called, and that no other page changes anything with it."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from service_kit.guard import cookie_name
from tests.configurator.conftest import RecordingNotifier, configurator
from tests.configurator.people import (
    ACCEPT,
    COOKIE,
    OURS,
    PASSWORD,
    SESSION,
    accept,
    browser,
    invite,
    invite_of,
)


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


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://alerts", COOKIE),
        ("http://alerts/", COOKIE),
        ("http://alerts:8000", f"{COOKIE}_8000"),
        ("http://[::1]:8000", f"{COOKIE}_8000"),
        ("http://[::1]", COOKIE),
        ("http://", COOKIE),
        ("http://alerts:80x; a=b", COOKIE),
        ("https://alerts:8443/base", f"__Host-{COOKIE}_8443"),
        ("https://alerts/a:1", f"__Host-{COOKIE}"),
    ],
)
def test_its_name_has_the_port(url: str, name: str) -> None:
    assert cookie_name(url) == name


async def test_two_installations_on_one_host_leave_each_other_s_people_signed_in(tmp_path: Path) -> None:
    """Browsers keep one jar for all ports of a host."""
    urls = [f"sqlite:///{tmp_path}/{name}.db" for name in ("one", "other")]
    async with (
        configurator(urls[0], RecordingNotifier()) as one,
        configurator(urls[1], RecordingNotifier()) as other,
        browser(one, "http://alerts:8000") as page,
        browser(other, "http://alerts:9000") as neighbour,
    ):
        await accept(page, await invite(one, "ann"))
        neighbour.cookies.update(page.cookies)
        await accept(neighbour, await invite(other, "bob"))
        page.cookies.update(neighbour.cookies)
        assert (await page.get(SESSION)).json()["account"]["login"] == "ann"
        assert (await neighbour.get(SESSION)).json()["account"]["login"] == "bob"
        await neighbour.delete(SESSION)
        page.cookies.update(neighbour.cookies)
        assert (await page.get(SESSION)).status_code == 200


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
