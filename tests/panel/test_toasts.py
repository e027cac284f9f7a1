"""New notices on a page that shows no list: soon, few at a time, spoken once, gone when they were read elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.panel.browser import serious_issues, wait
from tests.panel.conftest import SignIn
from tests.panel.house import House, until

#: Notes what the two live regions are told; they are there, and empty, before anything is said.
_LISTEN = """() => {
  window.said = { polite: [], assertive: [] };
  for (const manner of ["polite", "assertive"]) {
    const region = document.getElementById(manner);
    if (region.childNodes.length) throw new Error("a live region has to be empty at first");
    new MutationObserver(() => region.textContent && window.said[manner].push(region.textContent))
      .observe(region, { childList: true });
  }
}"""
_SAID = "() => window.said.polite.length + window.said.assertive.length"
#: Notes how many toasts there were at once, at most.
_COUNT_TOASTS = """() => {
  window.most = 0;
  const region = document.querySelector("section[aria-label='New notices']");
  new MutationObserver(() => { most = Math.max(most, region.querySelectorAll("article").length); })
    .observe(region, { childList: true, subtree: true });
}"""
#: No toast that goes by itself stays longer.
LONGEST_MS = 14_000
#: Counts the sounds that would be heard.
_COUNT_SOUNDS = """() => {
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };
}"""


def away(page: Page) -> Page:
    """On a page that is not the inbox, live."""
    page.goto("/settings")
    page.locator("html[data-stream=live]").wait_for()
    page.locator("section[aria-label='New notices']").wait_for(state="attached")
    return page


def toasts(page: Page) -> Locator:
    return page.get_by_role("region", name="New notices").get_by_role("article")


@pytest.fixture
def calm(page: Page) -> Page:
    """Its clock can be put forward: `calm.clock.fast_forward(…)`."""
    page.clock.install()
    return away(page)


def storm(house: House, count: int, **more: Any) -> None:
    lines = [{"alert": "test", "title": f"storm {n}", "recipients": ["admin"], **more} for n in range(count)]
    house.post("/api/v1/notices", lines)


def test_a_toast_comes_at_once_and_goes_by_itself(house: House, calm: Page) -> None:
    house.notice("Backup is late", severity="warning", message="Since **02:10**")
    toasts(calm).filter(has_text="Backup is late").wait_for()
    expect(toasts(calm).filter(has_text="Backup is late")).to_contain_text("Since 02:10")
    assert calm.evaluate("document.activeElement.tagName") == "BODY", "it never takes the focus"
    assert serious_issues(calm) == []
    calm.clock.fast_forward(LONGEST_MS)
    expect(toasts(calm)).to_have_count(0)


def test_errors_stay_and_nothing_goes_while_it_is_looked_at(house: House, calm: Page) -> None:
    house.notice("Disk is full", severity="error")
    house.notice("Read me", severity="info")
    expect(toasts(calm)).to_have_count(2)
    toasts(calm).filter(has_text="Read me").hover()
    calm.clock.fast_forward(LONGEST_MS)
    expect(toasts(calm)).to_have_count(2)
    calm.mouse.move(0, 0)
    calm.clock.fast_forward(LONGEST_MS)
    expect(toasts(calm)).to_have_count(1)
    expect(toasts(calm)).to_contain_text("Disk is full")
    toasts(calm).get_by_role("button", name="Dismiss").click()
    expect(toasts(calm)).to_have_count(0)


def test_twenty_in_two_seconds_are_one_announcement_and_few_toasts(house: House, calm: Page) -> None:
    calm.evaluate(_LISTEN)
    calm.evaluate(_COUNT_TOASTS)
    storm(house, 20)
    digest = toasts(calm).filter(has_text="20 new notices")
    digest.hover()  # and it stays
    expect(toasts(calm)).to_have_count(1)
    wait(calm, _SAID)
    assert calm.evaluate("most") <= 3
    calm.clock.fast_forward(4_000)  # when a second announcement would be due
    assert calm.evaluate("() => window.said") == {"polite": ["20 new notices"], "assertive": []}
    digest.get_by_role("link", name="Open the inbox").click()
    calm.wait_for_url("**/inbox*")


def test_what_is_critical_is_said_at_once(house: House, calm: Page) -> None:
    calm.evaluate(_LISTEN)
    house.notice("The database is gone", severity="critical")
    wait(calm, _SAID)
    assert calm.evaluate("() => window.said") == {"polite": [], "assertive": ["Critical: The database is gone"]}


def test_the_keyboard_reaches_a_toast_and_comes_back(house: House, calm: Page) -> None:
    house.notice("Disk is full", severity="error")
    toasts(calm).wait_for()
    switch = calm.get_by_role("switch", name="Shortcuts of a single key")
    switch.focus()
    calm.keyboard.press("F6")
    expect(toasts(calm).get_by_role("link", name="Disk is full")).to_be_focused()
    calm.keyboard.press("Escape")
    expect(toasts(calm)).to_have_count(0)
    expect(switch).to_be_focused()


def test_what_was_read_elsewhere_is_taken_away(house: House, calm: Page) -> None:
    said = house.notice("Disk is full", severity="error")["results"][0]["id"]
    toasts(calm).wait_for()
    house.post(f"/api/v1/inbox/{said}/read?recipient=admin", {})
    expect(toasts(calm)).to_have_count(0)
    said = house.notice("Again", severity="error")["results"][0]["id"]
    toasts(calm).get_by_role("button", name="Mark as read").click()
    expect(toasts(calm)).to_have_count(0)
    until(lambda: house.get(f"/api/v1/inbox/{said}", recipient="admin")["read_at"], "the server was not told")


def test_there_is_no_toast_of_what_the_list_shows(house: House, page: Page) -> None:
    away(page)
    page.get_by_role("link", name="Inbox", exact=True).click()
    page.wait_for_url("**/inbox*")
    page.evaluate(_LISTEN)
    house.notice("In the list", severity="error")
    page.locator("article[data-notice-id]", has_text="In the list").first.wait_for()
    wait(page, _SAID)  # it is spoken all the same
    expect(toasts(page)).to_have_count(0)


def test_what_happened_while_the_page_was_cut_off_is_one_summary(house: House, sign_in: SignIn) -> None:
    page = sign_in()
    sockets: list[WebSocketRoute] = []
    is_cut = False

    def connect(socket: WebSocketRoute) -> None:
        if is_cut:
            socket.close()
        else:
            socket.connect_to_server()
            sockets.append(socket)

    page.context.route_web_socket(re.compile("/api/v1/follow"), connect)
    away(page)
    is_cut = True
    for socket in sockets:
        socket.close()
    storm(house, 12)
    until(lambda: house.get("/api/v1/inbox/counts")["unread"] == 12, "the notices are not in the inbox")
    is_cut = False
    page.evaluate("dispatchEvent(new Event('online'))")
    toasts(page).filter(has_text="12 notices while you were away").wait_for()
    expect(toasts(page)).to_have_count(1)


@pytest.fixture
def choose(calm: Page) -> Callable[[str], None]:
    def switch(name: str) -> None:
        calm.get_by_role("switch", name=name).locator("xpath=ancestor::label").click()

    return switch


def test_sound_is_silent_until_chosen_and_is_one_in_three_seconds(
    house: House, calm: Page, choose: Callable[[str], None]
) -> None:
    calm.evaluate(_COUNT_SOUNDS)
    house.notice("unheard", severity="critical")
    toasts(calm).wait_for()
    assert calm.evaluate("window.tones") == 0
    choose("Play a sound for new notices")
    wait(calm, "tones > 0")  # switching it on plays a sample
    sample = calm.evaluate("window.tones")
    calm.clock.fast_forward(3_100)
    for severity in ("info", "critical", "critical", "error"):
        house.notice(f"heard {severity}", severity=severity)
    toasts(calm).filter(has_text="heard error").wait_for()
    assert calm.evaluate("window.tones") == 2 * sample


def test_nobody_is_asked_for_permission_before_a_click(sign_in: SignIn) -> None:
    page = sign_in()
    page.add_init_script("""
      window.asked = 0;
      Object.defineProperty(Notification, "permission", { get: () => "default" });
      Notification.requestPermission = () => { window.asked += 1; return Promise.resolve("denied"); };
    """)
    away(page)
    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="Allow in the browser…").click()
    assert page.evaluate("window.asked") == 1


def test_choices_hold_in_every_tab_and_after_a_reload(calm: Page, choose: Callable[[str], None]) -> None:
    other = calm.context.new_page()
    other.goto("/settings")
    calm.get_by_role("radio", name="Dark").locator("xpath=ancestor::label").click()
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")
    other.get_by_role("radio", name="Русский").locator("xpath=ancestor::label").click()
    expect(calm.get_by_role("heading", level=1)).to_have_text("Это устройство")
    calm.reload()
    expect(calm.get_by_role("heading", level=1)).to_have_text("Это устройство")
    expect(calm.locator("html")).to_have_attribute("lang", "ru")


def test_single_keys_can_be_switched_off(calm: Page, choose: Callable[[str], None]) -> None:
    calm.keyboard.press("?")
    sheet = calm.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Command palette")
    calm.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    choose("Shortcuts of a single key")
    calm.keyboard.press("g")
    calm.keyboard.press("i")
    calm.keyboard.press("Control+k")
    palette = calm.get_by_role("dialog", name="Command palette")
    expect(palette.get_by_role("combobox")).to_be_focused()
    assert calm.url.endswith("/settings"), "g i leads nowhere any more"
    calm.keyboard.type("hist")
    expect(palette.get_by_role("option")).to_have_count(1)
    calm.keyboard.press("Enter")
    calm.wait_for_url("**/history*")
