"""For eyes that see no colour, need colours of their own, or are disturbed by what moves; and for thumbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.panel.browser import Watched, serious_issues
from tests.panel.conftest import SignIn
from tests.panel.eyes import alike, shape
from tests.panel.house import House, until

SEVERITIES = ("critical", "error", "warning", "success", "info")
#: The longest that anything may move for somebody who asked for calm; their change is a matter of opacity only.
CALM_SECONDS = 0.1
_MOVING = """(most) => [...document.querySelectorAll("*")].flatMap((one) => {
  const style = getComputedStyle(one);
  const seconds = (text) => Math.max(...text.split(",").map((part) => parseFloat(part) * (part.includes("ms") ? 0.001 : 1)));
  const repeats = style.animationName !== "none" && style.animationIterationCount === "infinite";
  const long = Math.max(seconds(style.transitionDuration), style.animationName === "none" ? 0 : seconds(style.animationDuration)) > most;
  return repeats || long ? [one.outerHTML.slice(0, 100)] : [];
})"""  # noqa: E501


@pytest.fixture
def one_of_each(house: House) -> House:
    """A notice of every severity."""
    for severity in SEVERITIES:
        house.notice(f"It is {severity}", severity=severity)
    until(lambda: house.get("/api/v1/inbox/counts")["unread"] == len(SEVERITIES), "the notices are not in the inbox")
    return house


@pytest.fixture
def blank(page: Page) -> Iterator[Page]:
    """A page of nobody, which may look at pictures."""
    found = page.context.browser
    assert found is not None
    blank = found.new_page()
    yield blank
    blank.close()


@pytest.mark.parametrize(
    "look",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"forced_colors": "active", "color_scheme": "light"},
        {"forced_colors": "active", "color_scheme": "dark"},
    ],
    ids=["light", "dark", "forced light", "forced dark"],
)
def test_each_severity_has_a_shape_of_its_own_in_grey(
    one_of_each: House, sign_in: SignIn, blank: Page, look: dict[str, str]
) -> None:
    page = sign_in(**look, device_scale_factor=2)
    shapes = {}
    for severity in SEVERITIES:
        row = page.get_by_role("article", name=f"It is {severity}")
        shapes[severity] = shape(blank, row.locator("svg").first)
        expect(row).to_have_accessible_name(f"{severity.title()}. It is {severity}. Unread")
    assert alike(shapes) == []


def test_with_forced_colours_nothing_is_told_by_a_background_alone(
    one_of_each: House, sign_in: SignIn, blank: Page
) -> None:
    page = sign_in(forced_colors="active", device_scale_factor=2)
    rooms = page.get_by_role("navigation", name="Rooms")
    here, elsewhere = (rooms.get_by_role("link", name=name) for name in ("Inbox", "Tokens"))
    outlines = (
        "one => { const { outlineStyle, borderStyle } = getComputedStyle(one); return outlineStyle + borderStyle }"
    )
    assert here.evaluate(outlines) != elsewhere.evaluate(outlines), "which room it is cannot be seen"
    dot = page.get_by_role("article", name="It is info").get_by_title("Unread")
    assert len(shape(blank, dot)) > 0, "what is unread cannot be seen"
    chips = page.get_by_role("toolbar", name="Severity")
    chips.get_by_role("button", name="Critical").click()
    pressed, loose = (chips.get_by_role("button", name=name) for name in ("Critical", "Error"))
    expect(pressed).to_have_attribute("aria-pressed", "true")
    assert pressed.locator("svg").evaluate("one => one.innerHTML") != loose.locator("svg").evaluate(
        "one => one.innerHTML"
    )
    assert serious_issues(page) == []


def test_who_asks_for_calm_sees_nothing_move(one_of_each: House, sign_in: SignIn) -> None:
    page = sign_in(reduced_motion="reduce")
    page.goto("/settings")
    page.locator("html[data-stream=live]").wait_for()
    page.locator("section[aria-label='New notices']").wait_for(state="attached")
    one_of_each.notice("A toast", severity="critical")
    expect(page.get_by_role("region", name="New notices").get_by_role("article")).to_be_visible()
    assert page.evaluate(_MOVING, CALM_SECONDS) == []
    page.goto("/inbox")
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("dialog", name="Filters")).to_be_visible()
    assert page.evaluate(_MOVING, CALM_SECONDS) == []


PHONES = {"320 en": (320, "en-US"), "390 en": (390, "en-US"), "320 ru": (320, "ru-RU"), "390 ru": (390, "ru-RU")}
#: What of the bar is cut off: labels that do not fit, places outside of the screen.
_CUT = """(bar) => [...bar.querySelectorAll("a, button, span")].filter((one) => {
  const box = one.getBoundingClientRect();
  return one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline" || box.left < 0 || box.right > innerWidth + 0.5;
}).filter((one) => !one.matches(".visually-hidden")).map((one) => one.textContent)"""  # noqa: E501


@pytest.mark.parametrize("phone", PHONES)
def test_the_bar_of_a_phone_shows_all_its_places(house: House, watch: Callable[..., Watched], phone: str) -> None:
    width, locale = PHONES[phone]
    page = watch(house.url, locale=locale, viewport={"width": width, "height": 700}, has_touch=True).page()
    house.notice("One that waits")
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    bar = page.get_by_role("navigation", name="Rooms" if locale == "en-US" else "Разделы")
    expect(bar.get_by_role("listitem")).to_have_count(5)
    expect(bar.get_by_role("listitem").first).to_contain_text("1")
    assert bar.evaluate(_CUT) == []
    assert bar.evaluate("one => one.scrollWidth - one.clientWidth") <= 0


def test_the_rest_of_the_rooms_is_behind_more_by_keyboard(house: House, watch: Callable[..., Watched]) -> None:
    page = watch(house.url, viewport={"width": 320, "height": 700}).page()
    page.goto(house.link())
    page.wait_for_url("**/inbox*")
    more = page.get_by_role("button", name="More", exact=True)
    more.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="More")
    expect(sheet.get_by_role("link")).to_have_text(
        ["Device", "Deliveries", "Alerts", "Recipients", "Channels", "System", "Accounts", "Tokens", "Audit trail"]
    )
    assert serious_issues(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    sheet.get_by_role("link", name="Deliveries").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ops/deliveries")
    expect(sheet).to_have_count(0)
    expect(more).to_have_attribute("aria-current", "true")
    more.click()
    sheet.get_by_role("button", name="Administrator").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in*")


def test_the_focus_arrives_with_the_person(house: House, page: Page) -> None:
    """A link is gone with its page: the focus goes to the content of the new one, not nowhere."""
    config = house.post("/api/v1/configs", {"name": "disk", "metric": {}, "channel": {"panel": {"recipients": []}}})
    page.goto("/ops/configs")
    page.get_by_role("link", name="disk", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ops/configs/{config['id']}")
    expect(page.get_by_role("main")).to_be_focused()
    first = page.get_by_role("main").get_by_role("button", name="History")
    expect(first).to_be_visible()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
