"""A page that is older than the server: the code that it asks for is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.panel.browser import Watched, serious_issues
from tests.panel.house import House
from tests.panel.people import live

#: Of a room and of a dialog.
_ROOM, _PALETTE = "**/assets/Audit-*", "**/assets/Palette-*"
_NEWER = "/assets/newer.js"
Upgrade = Callable[[], None]


@pytest.fixture
def page(house: House, watch: Callable[..., Watched]) -> Iterator[Page]:
    """The administrator's page; that a room did not come is told to the console, too."""
    watched = watch(house.url)
    page = watched.page()
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    page.get_by_role("heading", level=1).first.wait_for()
    yield page
    watched.faults[:] = [fault for fault in watched.faults if "did not come" not in fault]


@pytest.fixture
def loads(page: Page) -> list[str]:
    """The addresses that were loaded as a page, from now on."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if request.resource_type == "document" else None)
    return seen


@pytest.fixture
def upgrade(page: Page) -> Upgrade:
    """From then on the server's page begins with another script than the open one did."""

    def newer(route: Route) -> None:
        if route.request.headers.get("accept", "").startswith("text/html"):
            answer = route.fetch()
            script = f'<script type="module" crossorigin src="{_NEWER}"></script><script'
            route.fulfill(response=answer, body=answer.text().replace("<script", script, 1))
        elif route.request.url.endswith(_NEWER):
            route.fulfill(body="export {}", content_type="text/javascript")
        else:
            route.fallback()

    return lambda: page.route("**/*", newer)


def gone(route: Route) -> None:
    route.fulfill(status=404, body="{}", content_type="application/problem+json")


def test_a_room_that_is_gone_comes_with_the_new_page(page: Page, loads: list[str], upgrade: Upgrade) -> None:
    upgrade()
    page.route(_ROOM, gone)
    page.on("framenavigated", lambda frame: page.unroute(_ROOM) if loads else None)
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_role("rowheader", name="Signed in").first).to_be_visible()
    assert [url.rpartition("/")[2] for url in loads] == ["audit"]


def test_what_stays_gone_is_told_after_one_try(page: Page, loads: list[str], upgrade: Upgrade) -> None:
    upgrade()
    page.route(_ROOM, gone)
    page.get_by_role("link", name="Audit trail").click()
    again = page.get_by_role("main").get_by_role("button", name="Load the page again")
    expect(again).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("A part of this page did not come")
    assert len(loads) == 1
    assert serious_issues(page) == []
    page.unroute(_ROOM)
    again.click()
    expect(page.get_by_role("rowheader", name="Signed in").first).to_be_visible()


def test_without_a_server_nothing_is_loaded_anew(house: House, page: Page, loads: list[str]) -> None:
    house.kill()
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_role("button", name="Load the page again")).to_be_visible()
    assert loads == []
    house.start()
    page.get_by_role("button", name="Load the page again").click()
    expect(page.get_by_role("rowheader", name="Signed in").first).to_be_visible()


def test_a_form_keeps_what_was_typed(page: Page, loads: list[str], upgrade: Upgrade) -> None:
    page.goto("/ops/recipients/new")
    page.get_by_role("textbox", name="Name").fill("Maria")
    loads.clear()
    upgrade()
    page.route(_PALETTE, gone)
    page.keyboard.press("Control+K")
    expect(page.get_by_role("main").get_by_text("A part of this page did not come")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Maria")
    assert loads == []
    page.unroute(_PALETTE)
    with page.expect_navigation():  # what was typed stands on the old page, too
        page.get_by_role("button", name="Load the page again").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Maria")
    live(page).keyboard.press("Control+K")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
