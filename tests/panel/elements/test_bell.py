"""What a person sees of the elements on somebody else's page: the bell, the inbox in it, and toasts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.panel.browser import wait
from tests.panel.elements.grounds import Grounds, Visit, badge, live, toasts
from tests.panel.house import until

pytestmark = pytest.mark.xdist_group("panel-elements")

#: Counts the sounds that would be heard.
COUNT_SOUNDS = """() => {
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };
}"""


def test_the_bell_rings_on_a_page_of_another_origin_with_the_customers_jwt(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell()))
    grounds.say("The roof leaks", severity="critical", message="Bring a **bucket**.", url="/roof")
    expect(page.locator("notice-toasts article")).to_contain_text("The roof leaks")
    badge(page, "1")
    expect(page.locator("notice-toasts [part=body]")).to_have_text("Bring a bucket.")
    page.locator("notice-bell [part=button]").click()
    row = page.locator("notice-bell article")
    expect(row).to_contain_text("The roof leaks")
    expect(row.locator("a")).to_have_attribute("href", "/roof")
    page.keyboard.press("Escape")
    expect(page.locator("notice-bell [part=popover]")).to_be_hidden()
    expect(page.locator("notice-bell [part=button]")).to_be_focused()


def test_a_storm_is_one_toast_and_one_announcement_and_leads_to_the_inbox(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell("storm")))
    assert page.evaluate("[...document.querySelectorAll('[data-alertwrap]')].map((one) => one.textContent)") == ["", ""]
    grounds.say_all(*(f"drop {number}" for number in range(20)))
    badge(page, "20")
    wait(page, "spoken.length > 0")
    expect(toasts(page)).to_have_text(["20 new notifications"])
    grounds.say("the last straw", severity="critical")  # it is said after all that was to be said before it
    wait(page, "spoken.some(([voice]) => voice === 'assertive')")
    assert page.evaluate("spoken") == [
        ["polite", "20 new notifications"],
        ["assertive", "Critical: the last straw"],
    ]
    page.locator("notice-toasts").get_by_role("button", name="21 new notifications").click()
    expect(page.locator("notice-bell article")).to_have_count(21)


def test_a_toast_offers_what_can_be_done(grounds: Grounds, visit: Visit) -> None:
    grounds.host.page("wiki", "<p>how to</p>")
    page = live(visit(grounds.bell("acts")))
    actions = [{"label": "Wiki", "url": "/wiki"}, {"label": "Trap", "url": "javascript:window.hacked=1"}]
    grounds.say("Read me", severity="error")
    grounds.say("Follow me", severity="error", actions=actions, url="/machine")
    badge(page, "2")
    toast = page.locator("notice-toasts article", has_text="Read me")
    toast.get_by_role("button", name="Mark as read").click()
    badge(page, "1")
    expect(toast).to_have_count(0)
    toast = page.locator("notice-toasts article", has_text="Follow me")
    expect(toast.get_by_role("link")).to_have_text(["Follow me", "Wiki"])
    toast.get_by_role("link", name="Wiki").click()
    page.wait_for_url("**/wiki")
    until(
        lambda: grounds.house.get("/api/v1/inbox", q="Follow me")["items"][0]["read_at"],
        "who went there has read it: the request leaves with the page, and may arrive a moment later",
    )


def test_an_act_that_waits_for_another_goes_with_the_page_that_is_left(grounds: Grounds, visit: Visit) -> None:
    grounds.host.page("wiki", "<p>how to</p>")
    page = live(visit(grounds.bell("leaving")))
    grounds.say("Slow", severity="error")
    grounds.say("Follow me then", severity="error", actions=[{"label": "Wiki", "url": "/wiki"}])
    badge(page, "2")
    page.route("**/inbox/acts", lambda _: None, times=1)  # the first act is never answered
    page.locator("notice-toasts article", has_text="Slow").get_by_role("button", name="Mark as read").click()
    badge(page, "1")
    page.locator("notice-toasts article", has_text="Follow me then").get_by_role("link", name="Wiki").click()
    page.wait_for_url("**/wiki")
    until(lambda: grounds.house.get("/api/v1/inbox", q="Follow me then")["items"][0]["read_at"], "nobody has read it")


def test_sound_is_heard_where_it_is_wanted_once_and_in_one_tab(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell("loud", 'sound="policy"')))  # it leads, before there is another
    other = visit(grounds.bell("loud", 'sound="policy"'))
    calm = visit(grounds.bell("calm"), who="another browser")
    for tab in (page, other, calm):
        tab.evaluate(COUNT_SOUNDS)
        live(tab).locator("h1").click()  # a browser is silent on a page that nobody has touched
    grounds.say("a warning is not heard", severity="warning")
    grounds.say_all("heard", "too soon after it", severity="critical")
    wait(page, "tones > 0")
    for tab in (page, other, calm):
        badge(tab, "3")
        expect(tab.locator("notice-toasts article", has_text="too soon")).to_be_visible()
    assert [tab.evaluate("tones") for tab in (page, other, calm)] == [4, 0, 0], "one tune of four notes"


def test_read_on_one_page_clears_the_other(grounds: Grounds, visit: Visit) -> None:
    address = grounds.bell("both")
    here, there = live(visit(address)), live(visit(address, who="another browser"))
    grounds.say("One thing")
    grounds.say("Another", severity="error")
    badge(there, "2")
    here.locator("notice-bell [part=button]").click()
    row = here.locator("notice-bell article", has_text="Another")
    row.get_by_role("button", name="Mark as read").click()
    badge(there, "1")
    expect(there.locator("notice-toasts article", has_text="Another")).to_have_count(0)
    here.get_by_role("button", name="Undo").click()
    badge(there, "2")
    here.get_by_role("button", name="Mark all as read").click()
    expect(there.locator("notice-bell [part=badge]")).to_have_count(0)


def test_a_refused_act_is_put_back_and_the_reader_sees_why(grounds: Grounds, visit: Visit) -> None:
    page = visit("about:blank")
    page.goto(grounds.host.page("refused", f"<notice-inbox {grounds.asks}></notice-inbox>"))
    live(page)
    grounds.say("stays")
    page.route("**/api/v1/inbox/acts", lambda route: route.fulfill(status=500, json={"detail": "not today"}))
    row = page.locator("notice-inbox article", has_text="stays")
    row.get_by_role("button", name="Archive").click()
    expect(page.locator("notice-inbox .undo")).to_contain_text("That did not work")
    expect(row).to_be_visible()


def test_the_inbox_is_worked_with_keys_also_in_russian(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.host.page("keys", f'<notice-inbox {grounds.asks} lang="ru"></notice-inbox>')))
    for title in ("first", "second", "third"):
        grounds.say(title)
    rows = page.locator("notice-inbox article")
    expect(rows).to_have_count(3)
    expect(page.get_by_role("button", name="Прочитать все")).to_be_visible()
    page.locator("notice-inbox h2").focus()
    for place, title in enumerate(("third", "second")):
        page.keyboard.press("j")
        expect(rows.nth(place)).to_be_focused()
        expect(rows.nth(place)).to_have_accessible_name(re.compile(f"^Сообщение: {title}"))
    rows.nth(1).dispatch_event("keydown", {"key": "у", "code": "KeyE", "bubbles": True, "composed": True})
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_be_focused()
    grounds.say("does not move what is read")
    expect(page.locator("notice-inbox [part=pill]")).to_have_text("1 новое")
    page.keyboard.press("z")
    expect(rows).to_have_count(3)
