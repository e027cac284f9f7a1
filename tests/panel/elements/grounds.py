"""A running system, pages of other origins with our elements in them, and what such a page was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.panel.browser import wait
from tests.panel.embedding import Cable, Host
from tests.panel.house import House

Visit = Callable[..., Page]

#: The page remembers what the elements told it, and what was said aloud.
RECORDER = """
window.told = [];
for (const name of ["state", "auth-required", "counts", "error", "toast-show", "toast-action", "open"])
  document.addEventListener(`notice-${name}`, (event) => told.push([name, event.detail, Date.now()]));
window.spoken = [];
new MutationObserver((all) => all.forEach(({addedNodes, target}) =>
  target.dataset?.alertwrap && addedNodes.forEach((node) => spoken.push([target.dataset.alertwrap, node.textContent]))))
  .observe(document, {childList: true, subtree: true});
"""


@dataclass
class Grounds:
    """A running system, a host that is listed, one that is not, and a cable to the system."""

    house: House
    host: Host
    stranger: Host
    cable: Cable

    @property
    def asks(self) -> str:
        """The attributes of an element that asks its own back end for tokens."""
        return f'server="{self.host.server}" token-url="/token"'

    def bell(self, name: str = "bell", more: str = "", **page: str) -> str:
        """A page with a bell, which holds an inbox, and toasts."""
        body = f"<notice-bell {self.asks} {more}></notice-bell><notice-toasts {self.asks} {more}></notice-toasts>"
        return self.host.page(name, body, **page)

    def say(self, title: str, **more: Any) -> None:
        self.house.notice(title, **more)

    def say_all(self, *titles: str, **more: Any) -> None:
        """Several at once, oldest first."""
        self.house.post(
            "/api/v1/notices", [{"alert": "test", "title": one, "recipients": ["admin"], **more} for one in titles]
        )


def live(page: Page) -> Page:
    wait(page, "told.some(([name, detail]) => name === 'state' && detail.state === 'live')")
    return page


def noting(into: list[object]) -> Callable[[object], None]:
    """A listener; Playwright wants a function of Python's own."""

    def note(what: object) -> None:
        into.append(what)

    return note


def badge(page: Page, number: str) -> None:
    expect(page.locator("notice-bell [part=badge]")).to_have_text(number)


def toasts(page: Page) -> Locator:
    """The titles of those that are shown."""
    return page.locator("notice-toasts [part=title]")
