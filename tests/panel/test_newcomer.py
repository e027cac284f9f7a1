"""Somebody who has read nothing: from the link that `alertwrap up` prints to a first notice, by what the pages say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.panel.browser import Watched
from tests.panel.house import House, until
from tests.panel.people import live


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """As `make up` starts it: with the example alerts."""
    house = House(tmp_path / "data", examples=True).start()
    yield house
    house.stop()


def test_from_the_printed_link_to_a_first_notice(house: House, watch: Callable[..., Watched]) -> None:
    until(lambda: len(house.get("/api/v1/notices")["items"]) >= 4, "the examples have not said that they are there")
    page = watch(house.url).page()
    page.goto(house.link())
    page.get_by_role("link", name="Configs").click()
    page.get_by_role("button", name="New config").click()
    page.get_by_role("combobox", name="Alert").click()
    page.get_by_role("option", name="disk-space").click()
    full = page.get_by_role("textbox", name="Full from, %")
    expect(full).to_have_value("90")  # a limit that makes sense stands there
    expect(page.get_by_role("region", name="Inbox step").get_by_text("Admin")).to_be_visible()  # and who hears of it
    full.fill("1")
    live(page)  # what was said before is no news
    page.get_by_role("button", name="Create", exact=True).click()
    said = page.get_by_role("region", name="What it said")
    toast = page.get_by_role("region", name="New notices").get_by_role("article").filter(has_text="limit 1 %").first
    expect(toast).to_be_visible()
    expect(said.get_by_role("link").filter(has_text="limit 1 %").first).to_be_visible()
    page.get_by_role("link", name="Inbox").first.click()
    expect(page.get_by_role("feed").get_by_role("article").filter(has_text="limit 1 %").first).to_be_visible()


def test_a_config_that_has_said_nothing_tells_when_it_will(house: House, watch: Callable[..., Watched]) -> None:
    with house.http() as http:
        body = {"name": "run-by-nobody", "enabled": False, "channel": {"panel": {"recipients": ["admin"]}}}
        config = http.post("/api/v1/configs", json=body).raise_for_status().json()
    page = watch(house.url).page()
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    page.goto(f"/ops/configs/{config['id']}")
    said = page.get_by_role("region", name="What it said")
    expect(said.get_by_text("does not get this config while it is disabled")).to_be_visible()
    with house.http() as http:
        http.patch(
            f"/api/v1/configs/{config['id']}", json={"enabled": True, "metric": {}}, headers={"If-Match": "*"}
        ).raise_for_status()
    expect(said.get_by_text("as soon as it finds what it looks for")).to_be_visible()
