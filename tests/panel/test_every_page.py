"""Each page in both themes and languages, on a phone and on a desktop: accessible, inside of the screen, big enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.panel.browser import Watched, serious_issues
from tests.panel.house import House
from tests.panel.tour import furnish, walk

VIEWS = {
    "desktop light en": {"color_scheme": "light", "locale": "en-US", "viewport": {"width": 1280, "height": 800}},
    "desktop dark ru": {"color_scheme": "dark", "locale": "ru-RU", "viewport": {"width": 1280, "height": 800}},
    "phone light ru": {
        "color_scheme": "light",
        "locale": "ru-RU",
        "viewport": {"width": 320, "height": 640},
        "has_touch": True,
    },
    "phone dark en": {
        "color_scheme": "dark",
        "locale": "en-US",
        "viewport": {"width": 320, "height": 640},
        "has_touch": True,
    },
}
#: What a finger needs; a mouse needs as many as WCAG 2.2 asks for (2.5.8). Links and times in a sentence are as
#: high as it is.
_FINGER, _MOUSE = 44, 24
_SMALL = """(least) => [...document.querySelectorAll("button, input:not([type=hidden]), select, [role=switch], [role=tab], nav a")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((one) => !one.closest(".visually-hidden, [aria-hidden=true]") && !one.querySelector("time"))
  .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && box.height > 1 && (box.width < least || box.height < least))
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${box.width}x${box.height}`)"""  # noqa: E501
#: WCAG 2.2, 1.4.12: what somebody may set who reads with difficulty. A sheet made by script breaks no policy.
_SPACED = """() => {
  const sheet = new CSSStyleSheet();
  const spaces = "line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important";
  sheet.replaceSync(`* { ${spaces} } p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
_UNSPACED = "() => { document.adoptedStyleSheets = []; }"
#: Text that is cut off; what ends in an ellipsis is one line of a list, and is whole on the page that it leads to.
_CUT = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, svg, [aria-hidden=true]"))
  .filter((one) => getComputedStyle(one).clipPath === "none") // for screen readers alone
  .filter((one) => [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
  .filter((one) => {
    const style = getComputedStyle(one);
    if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") return false;
    const hides = (overflow) => overflow === "hidden" || overflow === "clip";
    return (hides(style.overflowX) && one.scrollWidth > one.clientWidth + 1) || (hides(style.overflowY) && one.scrollHeight > one.clientHeight + 1);
  })
  .map((one) => `cut off: ${one.outerHTML.slice(0, 120)}`)"""  # noqa: E501


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.replace(" ", "-"))
@pytest.mark.timeout(240)
def test_every_page_is_accessible(view: str, house: House, watch: Callable[..., Watched]) -> None:
    places = furnish(house)
    least = _FINGER if VIEWS[view].get("has_touch") else _MOUSE
    page = watch(house.url, reduced_motion="reduce", **VIEWS[view]).page()
    found: list[str] = []
    for stop in walk(page, house, places):
        complaints = [*serious_issues(page), *outside(page), *page.evaluate(_SMALL, least), *spaced(page)]
        found += [f"{stop.name}: {one}" for one in complaints]
    assert not found, "\n".join(found)


def outside(page: Page) -> list[str]:
    """A page that scrolls sideways is one that does not fit (WCAG 1.4.10)."""
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"the page is {wide} px too wide"] if wide > 0 else []


def spaced(page: Page) -> list[str]:
    """What does not fit, or is cut off, once letters, words and lines stand further apart."""
    page.evaluate(_SPACED)
    complaints = [*outside(page), *page.evaluate(_CUT)]
    page.evaluate(_UNSPACED)
    return [f"with wide spacing: {one}" for one in complaints]
