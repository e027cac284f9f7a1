"""One system for all of these tests; each begins with nothing unread."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.panel.browser import Watched
from tests.panel.elements.grounds import RECORDER, Grounds, Visit
from tests.panel.embedding import Cable, Host, require_bundle, settings_for
from tests.panel.house import House


@pytest.fixture(scope="package")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grounds]:
    require_bundle()
    host, stranger = Host(), Host()
    house = House(tmp_path_factory.mktemp("elements") / "data", settings_for(host.url)).start()
    cable = Cable(int(house.url.rpartition(":")[2]))
    host.server = stranger.server = cable.url
    yield Grounds(house, host, stranger, cable)
    cable.close()
    house.stop()
    for one in (host, stranger):
        one.close()


@pytest.fixture(autouse=True)
def _nothing_unread(grounds: Grounds) -> None:
    grounds.host.person, grounds.host.token_seconds, grounds.host.duplicates = "admin", 300.0, False
    grounds.cable.websockets = True
    grounds.house.post("/api/v1/inbox/read-all", {})


@pytest.fixture
def visit(watch: Callable[..., Watched], grounds: Grounds) -> Visit:
    """A new tab of one browser on a page of the host; `who` is another browser."""
    contexts: dict[str, Watched] = {}

    def make(address: str, *, who: str = "", **options: object) -> Page:
        if who not in contexts:
            contexts[who] = watch(grounds.host.url, **options)
            contexts[who].context.add_init_script(RECORDER)
        page = contexts[who].page()
        page.goto(address)
        return page

    return make
