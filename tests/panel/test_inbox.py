"""The inbox in a real browser: live, calm under the reader's hands, and the same on every page at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.panel.browser import Watched, serious_issues
from tests.panel.conftest import SignIn
from tests.panel.house import House, until
from tests.panel.people import PASSWORD, accept, invited

ROW = "article[data-notice-id]"
#: A key of a Russian keyboard: what it writes, and where it is.
CYRILLIC = {"j": ("о", "KeyJ"), "k": ("л", "KeyK"), "x": ("ч", "KeyX"), "e": ("у", "KeyE"), "z": ("я", "KeyZ")}
HOSTILE = (
    "<img src=x onerror=window.hacked=1>",
    "<script>window.hacked=1</script>",
    "[x](javascript:window.hacked=1)",
    "![x](x' onerror='window.hacked=1)",
    "{{constructor.constructor('window.hacked=1')()}}",
    "\u202egnp.exe \u200f\u0301\u0301\u0301 z\u0335a\u0336l\u0337g\u0338o",
    "a" * 900,
    "'\"><svg/onload=window.hacked=1>",
)


def rows(page: Page) -> Locator:
    return page.get_by_role("feed").locator(ROW)


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("feed").locator(ROW, has=page.get_by_role("link", name=title, exact=True))


def titles(page: Page) -> list[str]:
    """As they are now; where they only become so: `lists`."""
    return _titles(page).all_inner_texts()


def lists(page: Page, *all_: str) -> None:
    expect(_titles(page)).to_have_text(all_)


def _titles(page: Page) -> Locator:
    return page.locator(f"{ROW} a[href*='/inbox/n/']")


def say(house: House, *all_: str, **more: Any) -> None:
    """Notices, oldest first, to the administrator."""
    house.post("/api/v1/notices", [{"alert": "test", "title": one, "recipients": ["admin"], **more} for one in all_])


def unread(page: Page, count: int) -> None:
    """The title says so, and so does the tab of the view."""
    expect(page).to_have_title(re.compile(rf"^\({count}\) " if count else r"^Inbox"))
    badge = page.get_by_role("tab", name="Unread")
    expect(badge).to_have_text(f"Unread{count}" if count else "Unread")


def test_a_notice_is_there_at_once_and_marks_the_tab(house: House, page: Page) -> None:
    expect(page.get_by_role("heading", name="No notices yet")).to_be_visible()
    house.notice("Disk /var is full", severity="critical")
    row(page, "Disk /var is full").wait_for()
    unread(page, 1)
    expect(page.locator("#favicon")).to_have_attribute("href", "/favicon-critical.svg")


def test_what_a_row_does_not_have_leaves_no_mark(house: House, page: Page) -> None:
    house.notice("Only a title")
    house.notice("With a text", message="and more")
    expect(row(page, "Only a title").get_by_text("test", exact=True)).to_be_visible()
    expect(row(page, "With a text").get_by_text("test · and more", exact=True)).to_be_visible()


def test_what_is_read_on_one_page_is_read_on_the_other(house: House, sign_in: SignIn) -> None:
    say(house, "one", "two")
    here, there = sign_in(), sign_in()
    for page in (here, there):
        unread(page, 2)
    row(here, "two").hover()
    row(here, "two").get_by_role("button", name="Mark as read").click()
    expect(row(there, "two")).not_to_have_attribute("data-unread", "true")
    unread(there, 1)
    unread(here, 1)


def test_a_click_reads_the_notice_and_opens_it_beside_the_list(house: House, page: Page) -> None:
    say(house, "one", "two", url="https://example.org/machines/1")
    link = row(page, "one").get_by_role("link", name="Go to example.org")
    expect(link).to_have_attribute("href", "https://example.org/machines/1")
    row(page, "one").click()
    expect(
        page.get_by_role("region", name="Notice", exact=True).get_by_role("heading", name="one", exact=True)
    ).to_be_visible()
    expect(page).to_have_url(re.compile("/inbox/n/"))
    expect(row(page, "one")).not_to_have_attribute("data-unread", "true")
    page.keyboard.press("]")
    page.keyboard.press("[")
    expect(
        page.get_by_role("region", name="Notice", exact=True).get_by_role("heading", name="two", exact=True)
    ).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Notice", exact=True)).to_have_count(0)
    expect(row(page, "two")).to_be_focused()


def test_an_act_on_all_that_match_touches_what_it_announced(house: House, page: Page) -> None:
    say(house, *(f"disk {number}" for number in range(5)), "calm one", "calm two")
    expect(rows(page)).to_have_count(7)  # while they come, there are five of them too
    page.get_by_role("searchbox", name="Search").fill("disk")
    expect(rows(page)).to_have_count(5)
    page.get_by_role("button", name="All that match").click()
    page.get_by_role("menuitem", name="Archive").click()
    dialog = page.get_by_role("alertdialog").or_(page.get_by_role("dialog"))
    expect(dialog).to_contain_text("Archive: all 5 notices?")
    expect(dialog).to_contain_text("disk")
    house.notice("disk later")
    dialog.get_by_role("button", name="Archive").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("searchbox", name="Search").fill("")
    lists(page, "disk later", "calm two", "calm one")
    page.get_by_role("button", name="Undo").click()
    expect(rows(page)).to_have_count(8)

    def left() -> list[str]:
        return [one["title"] for one in house.get("/api/v1/inbox", view="inbox", limit=50)["items"]]

    until(lambda: left() == titles(page), "what was undone on the page is not undone on the server")


def test_the_keyboard_works_under_a_russian_layout(house: House, page: Page) -> None:
    say(house, "one", "two", "three", "four")
    keys = page.context.new_cdp_session(page)

    def press(name: str) -> None:
        key, code = CYRILLIC[name]
        for kind in ("keyDown", "keyUp"):
            event = {"type": kind, "key": key, "code": code, **({"text": key} if kind == "keyDown" else {})}
            keys.send("Input.dispatchKeyEvent", event)

    expect(rows(page)).to_have_count(4)
    press("j")
    expect(row(page, "four")).to_be_focused()
    press("j")
    expect(row(page, "three")).to_be_focused()
    press("e")
    expect(rows(page)).to_have_count(3)
    expect(row(page, "two")).to_be_focused()
    press("x")
    press("k")
    press("x")
    expect(page.get_by_role("toolbar", name="2 selected")).to_be_visible()
    press("e")
    expect(rows(page)).to_have_count(1)
    press("z")
    expect(rows(page)).to_have_count(3)
    press("z")
    lists(page, "four", "three", "two", "one")


def test_letters_do_nothing_in_the_search_or_when_they_are_switched_off(house: House, page: Page) -> None:
    say(house, "jeez")
    search = page.get_by_role("searchbox", name="Search")
    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("jeez")
    expect(search).to_have_value("jeez")
    expect(page).to_have_url(re.compile("q=jeez"))
    expect(rows(page)).to_have_count(1)


def test_what_arrives_never_moves_what_is_read(house: House, page: Page) -> None:
    say(house, "one", "two")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("j")
    expect(row(page, "two")).to_be_focused()
    before = row(page, "two").bounding_box()
    say(house, "three", "four", "five")
    pill = page.get_by_role("button", name="3 new notices")
    expect(pill).to_be_visible()
    assert (row(page, "two").bounding_box(), titles(page)) == (before, ["two", "one"])
    pill.click()
    lists(page, "five", "four", "three", "two", "one")


def test_a_storm_is_all_there_once_and_in_order(house: House, page: Page) -> None:
    expect(page.get_by_role("heading", name="No notices yet")).to_be_visible()
    for batch in range(6):
        say(house, *(f"storm {batch * 10 + one}" for one in range(10)), severity="error")
    unread(page, 60)
    expect(row(page, "storm 59")).to_be_visible()
    shown = titles(page)
    assert shown == [f"storm {59 - number}" for number in range(len(shown))]
    assert page.get_by_role("article").filter(has=page.get_by_role("button", name="Dismiss")).count() <= 4


def test_the_page_goes_on_after_the_server_was_killed(house: House, page: Page) -> None:
    say(house, "before")
    expect(row(page, "before")).to_be_visible()
    house.kill()
    row(page, "before").hover()
    row(page, "before").get_by_role("button", name="Mark as read").click()
    expect(row(page, "before")).not_to_have_attribute("data-unread", "true")
    house.start()
    page.mouse.move(0, 0)
    say(house, *(f"after {number}" for number in range(20)))
    page.get_by_role("button", name="20 new notices").click(timeout=40_000)
    expect(row(page, "after 19")).to_be_visible()
    page.get_by_role("heading", name="Inbox").click()
    say(house, "at last")
    expect(row(page, "at last")).to_be_visible()
    lists(page, "at last", *(f"after {19 - number}" for number in range(20)), "before")
    unread(page, 21)
    until(lambda: house.get("/api/v1/inbox", q="before")["items"][0]["read_at"], "the act did not wait for the server")


def test_a_refused_act_is_put_back_and_says_so(house: House, page: Page) -> None:
    say(house, "one", "two")
    page.route("**/api/v1/inbox/acts*", lambda route: route.fulfill(status=500, json={"detail": "not today"}))
    row(page, "one").hover()
    row(page, "one").get_by_role("button", name="Archive").click()
    expect(page.get_by_role("alert")).to_contain_text("“one” is as before: not today")
    lists(page, "two", "one")
    unread(page, 2)


def test_a_failed_list_says_so_and_can_be_tried_again(house: House, page: Page) -> None:
    say(house, "one")
    page.route("**/api/v1/inbox?*", lambda route: route.fulfill(status=500, json={"detail": "no list today"}))
    page.get_by_role("tab", name="All").click()
    expect(page.get_by_role("alert")).to_contain_text("no list today")
    page.unroute("**/api/v1/inbox?*")
    page.get_by_role("button", name="Try again").click()
    expect(row(page, "one")).to_be_visible()


def test_hostile_texts_do_nothing(house: House, page: Page) -> None:
    for number, text in enumerate(HOSTILE):
        house.notice(text, message=text, key=f"{number} {text}"[:400], labels={"x": text[:200]})
    expect(rows(page)).to_have_count(len(HOSTILE))
    for address in (
        "/inbox?q=%3Cscript%3E&alert=%22%3E&sev=evil&view=__proto__",
        "/history?q=%3Cimg%3E",
        "/inbox",
        "/history",
    ):
        page.goto(address)
        page.get_by_role("searchbox", name="Search").wait_for()
    expect(page.get_by_role("table")).to_contain_text("<script>window.hacked=1</script>")
    assert page.evaluate("window.hacked") is None


def test_the_history_is_filtered_by_its_address_and_leaves_as_a_file(house: House, page: Page, tmp_path: Any) -> None:
    say(house, "small", "=SUM(A1)")
    say(house, "large", severity="critical")
    house.notice("somebody else's", recipients=["maria"])
    page.goto("/history")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(5)
    page.get_by_role("button", name="Critical").click()
    expect(page).to_have_url(re.compile("sev=critical"))
    page.reload()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(2)
    page.goto("/history?who=admin")
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(4)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as downloading:
        page.get_by_role("menuitem", name="As CSV").click()
    downloading.value.save_as(tmp_path / "notices.csv")
    lines = (tmp_path / "notices.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[7] for line in lines] == ["title", "large", "'=SUM(A1)", "small"]


@pytest.mark.parametrize(
    "options", [{}, {"color_scheme": "dark", "locale": "ru-RU"}, {"viewport": {"width": 320, "height": 640}}], ids=str
)
def test_nothing_serious_is_found_by_axe(house: House, sign_in: SignIn, options: dict[str, Any]) -> None:
    say(house, "one", "two", severity="critical", entity={"topic": "host", "key": "web-1"}, url="https://example.org")
    page = sign_in(**options)
    expect(rows(page)).to_have_count(2)
    found = {"list": serious_issues(page)}
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(f"{ROW}[data-selected]")).to_have_count(1)
    found["selection"] = serious_issues(page)
    page.goto("/history")
    page.get_by_role("table").wait_for()
    found["history"] = serious_issues(page)
    assert found == {"list": [], "selection": [], "history": []}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_signs_in_on_the_way_to_the_inbox_finds_it(house: House, watch: Callable[..., Watched]) -> None:
    """Its list was asked for before anybody was signed in."""
    accept(watch(house.url).page(), invited(house, "nina"))
    house.notice("For Nina", recipients=["nina"])
    page = watch(house.url).page()
    page.goto("/inbox")
    page.wait_for_url("**/sign-in*")
    page.get_by_label("Login").fill("nina")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("article[data-notice-id]", has_text="For Nina")).to_be_visible()
