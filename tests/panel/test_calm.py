"""A long list tells where one is in it, a blip of the connection is nobody's business, and the focus can be seen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.panel.browser import wait
from tests.panel.conftest import SignIn
from tests.panel.house import House, until

BAR = "Reconnecting"
#: What lies over the middle of the focused element, unless it is that element, its label or a part of either.
_COVERED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  if (box.width < 2 || box.height < 2) return null;
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (!top || one.contains(top) || top.contains(one) || top.closest("label")?.contains(one)) return null;
  return `${one.outerHTML.slice(0, 80)} is under ${top.outerHTML.slice(0, 80)}`;
}"""

_FURTHEST = "Math.max(...[...document.querySelectorAll('article')].map((one) => one.getAttribute('aria-posinset')))"


def test_a_long_list_tells_position_and_size_and_keeps_the_focused_row(house: House, page: Page) -> None:
    house.post(
        "/api/v1/notices", [{"alert": "t", "title": f"n {number}", "recipients": ["admin"]} for number in range(120)]
    )
    until(lambda: house.get("/api/v1/inbox/counts")["unread"] == 120, "the notices are not in the inbox")
    page.reload()
    feed = page.get_by_role("feed")
    first = feed.get_by_role("article").first
    expect(first).to_have_attribute("aria-posinset", "1")
    assert first.get_attribute("aria-setsize") in ("-1", "120")
    page.keyboard.press("j")
    expect(first).to_be_focused()
    focused = page.evaluate("() => document.activeElement.closest('article').dataset.noticeId")
    page.mouse.move(700, 500)
    for _ in range(6):
        page.mouse.wheel(0, 400)
    wait(page, _FURTHEST + " > 60")
    assert page.evaluate("() => document.activeElement.closest('article').dataset.noticeId") == focused


def test_a_blip_is_not_shown_and_what_lasts_is_until_it_is_over(house: House, sign_in: SignIn) -> None:
    page = sign_in()
    page.locator("html[data-stream=live]").wait_for(state="attached")
    page.evaluate(
        """(bar) => { window.seen_ = []; const began = performance.now();
        new MutationObserver(() => {
          if (document.querySelector("main").textContent.includes(bar)) window.seen_.push(performance.now() - began);
        }).observe(document.querySelector("main"), { childList: true, subtree: true }); }""",
        BAR,
    )
    house.kill()
    expect(page.get_by_text(BAR)).to_be_visible()
    assert page.evaluate("() => window.seen_[0]") >= 3_000
    house.start()
    expect(page.get_by_text(BAR)).to_be_hidden(timeout=40_000)


def test_what_has_the_focus_is_never_covered(house: House, page: Page) -> None:
    house.notice("A critical one stays as a toast", severity="critical")
    for path in ("/inbox", "/ops/configs", "/settings"):
        page.goto(path)
        page.get_by_role("heading", level=1).first.wait_for()
        wait(page, "!document.querySelector('[aria-busy=true]')")
        for _ in range(40):
            page.keyboard.press("Tab")
            assert page.evaluate(_COVERED) is None
