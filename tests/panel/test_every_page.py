"""Each page in both themes and languages, on a phone and on a desktop: accessible, inside of the screen, big enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.panel.browser import Watched, serious_issues
from tests.panel.house import House
from tests.panel.tour import furnish, walk

VIEWS = {
    "desktop light en": {"color_scheme": "light", "locale": "en-US", "viewport": {"width": 1280, "height": 800}},
    "desktop dark ru": {"color_scheme": "dark", "locale": "ru-RU", "viewport": {"width": 1280, "height": 800}},
    "phone light ru": {"color_scheme": "light", "locale": "ru-RU", "viewport": {"width": 320, "height": 640}},
    "phone dark en": {"color_scheme": "dark", "locale": "en-US", "viewport": {"width": 320, "height": 640}},
}
#: WCAG 2.2, 2.5.8: 24 CSS pixels, except for links in a sentence.
_SMALL = """() => [...document.querySelectorAll("button, input:not([type=hidden]), select, [role=switch], [role=tab]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((one) => !one.closest(".visually-hidden, [aria-hidden=true]"))
  .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && box.height > 1 && (box.width < 24 || box.height < 24))
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${box.width}x${box.height}`)"""


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.replace(" ", "-"))
@pytest.mark.timeout(240)
def test_every_page_is_accessible(view: str, house: House, watch: Callable[..., Watched]) -> None:
    places = furnish(house)
    page = watch(house.url, reduced_motion="reduce", **VIEWS[view]).page()
    found: dict[str, Any] = {}
    for stop in walk(page, house, places):
        complaints = [*serious_issues(page), *outside(page), *page.evaluate(_SMALL)]
        if complaints:
            found[stop.name] = complaints
    assert found == {}


def outside(page: Page) -> list[str]:
    """A page that scrolls sideways is one that does not fit (WCAG 1.4.10)."""
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"the page is {wide} px too wide"] if wide > 0 else []
