"""The panel in a real browser, against a real `alertwrap up`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from notice_center.panel import STATIC
from tests.conftest import missing
from tests.panel.browser import Watched
from tests.panel.house import House
from tests.panel.people import live

SignIn = Callable[..., Page]
#: A deadline, not a promise: the machine does other things too.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a module: while Playwright runs, its event loop is in the way of every asynchronous test."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("chromium (on Debian: apt install chromium)")
    if not (STATIC / "index.html").exists():
        missing("the built panel (make ui)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty system with nobody but the administrator."""
    house = House(tmp_path / "data").start()
    yield house
    house.stop()


@pytest.fixture
def watch(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Contexts that fail the test when a page broke the policy or said an error."""
    watched: list[Watched] = []

    def make(url: str, **options: Any) -> Watched:
        watched.append(Watched(browser, url, **options))
        return watched[-1]

    yield make
    faults = [fault for one in watched for fault in one.faults]
    for one in watched:
        one.close()
    assert faults == []


@pytest.fixture
def sign_in(house: House, watch: Callable[..., Watched]) -> SignIn:
    """A new browser, signed in by a one-time link, on the inbox: `sign_in(locale="ru-RU", color_scheme="dark")`."""

    def make(**options: Any) -> Page:
        page = watch(house.url, **options).page()
        page.goto(house.link())
        page.wait_for_url("**/inbox*")
        page.get_by_role("heading", level=1).first.wait_for()
        return live(page)  # and hears keys

    return make


@pytest.fixture
def page(sign_in: SignIn) -> Page:
    """The administrator's page."""
    return sign_in()
