"""The connection of the elements: one for all tabs, resumed after every cut, refused where it must be."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.panel.browser import wait
from tests.panel.elements.grounds import RECORDER, Grounds, Visit, badge, live, noting, toasts
from tests.panel.house import until

pytestmark = pytest.mark.xdist_group("panel-elements")


def test_an_origin_that_is_not_listed_is_refused_and_its_page_goes_on(grounds: Grounds, browser: Browser) -> None:
    grounds.stranger.person = "admin"
    asks = f'server="{grounds.stranger.server}" token-url="/token"'
    address = grounds.stranger.page("stranger", f"<notice-bell {asks}></notice-bell><p id=mine>fine</p>")
    context = browser.new_context()
    page = context.new_page()
    faults: list[object] = []
    heard: list[object] = []
    page.on("pageerror", noting(faults))
    page.on("websocket", lambda socket: socket.on("framereceived", noting(heard)))
    context.add_init_script(RECORDER)
    with (
        page.expect_event("requestfailed", lambda one: "/inbox/counts" in one.url),
        page.expect_event("requestfailed", lambda one: one.url.endswith("/follow")),  # also over plain HTTP
        page.expect_websocket(lambda one: "follow" in one.url),
    ):
        page.goto(address)
    expect(page.locator("#mine")).to_have_text("fine")
    expect(page.locator("notice-bell [part=button]")).to_be_visible()
    assert not page.evaluate("told.some(([name, detail]) => detail?.state === 'live')")
    assert (faults, heard) == ([], [])
    context.close()


def test_five_tabs_hold_one_connection_and_lose_nothing_when_its_tab_goes(grounds: Grounds, visit: Visit) -> None:
    address = grounds.bell("five")
    opened: list[Page] = []
    pages = []
    for _ in range(5):
        page = visit("about:blank")
        page.on("websocket", lambda _, page=page: opened.append(page))
        page.goto(address)
        pages.append(live(page))
    assert len(opened) == 1
    grounds.say("before")
    for page in pages:
        badge(page, "1")
    leader = opened[0]
    leader.close()
    rest = [page for page in pages if page is not leader]
    until(lambda: rest[0].evaluate("true") and len(opened) == 2, "nobody took over")
    for number in range(5):
        grounds.say(f"after {number}")
    for page in rest:
        badge(page, "6")
        until(lambda page=page: len(shown(page)) >= 6, "a toast is missing")
        assert sorted(shown(page)) == ["after 0", "after 1", "after 2", "after 3", "after 4", "before"]
    assert len(opened) == 2


def shown(page: Page) -> list[str]:
    """The titles of the toasts that the page was told of."""
    told = "told.filter(([name]) => name === 'toast-show').map(([, detail]) => detail.notice.title)"
    return list(page.evaluate(told))


def test_what_happened_while_the_connection_was_cut_is_there_once_on_return(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell("cut")))
    page.locator("notice-bell [part=button]").click()
    expect(page.locator("notice-bell [part=empty]")).to_be_visible()
    grounds.cable.cut()
    wait(page, "told.findLast(([name]) => name === 'state')[1].state === 'stale'")
    grounds.say_all(*(f"storm {number:02}" for number in range(30)), severity="warning")
    expect(page.locator("notice-bell .bar")).to_contain_text("Reconnecting")
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 60_000; }")  # a minute later
    grounds.cable.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    badge(page, "30")
    expect(page.locator("notice-bell .bar")).to_have_count(0)
    expect(page.locator("notice-toasts article")).to_have_count(1)
    expect(toasts(page)).to_have_text(["30 notifications while you were away"])
    page.locator("notice-bell [part=pill]").or_(page.locator("notice-bell article").first).first.click()
    titles = [f"storm {number:02}" for number in reversed(range(30))]
    expect(page.locator("notice-bell [part=title]")).to_have_text(titles)


def test_where_a_proxy_lets_no_websocket_through_plain_http_does(grounds: Grounds, visit: Visit) -> None:
    grounds.cable.websockets = False
    page = visit("about:blank")
    opened: list[object] = []
    page.on("websocket", noting(opened))
    page.goto(grounds.bell("polls"))
    live(page)
    assert opened, "it was tried"
    grounds.say_all("one", "two", severity="error")
    badge(page, "2")
    expect(page.locator("notice-toasts article")).to_have_count(2)
    page.locator("notice-bell [part=button]").click()
    expect(page.locator("notice-bell .bar")).to_have_count(0)
    page.locator("notice-bell article", has_text="one").get_by_role("button", name="Mark as read").click()
    badge(page, "1")
    grounds.cable.cut()
    wait(page, "told.findLast(([name]) => name === 'state')[1].state === 'stale'")
    grounds.say("three")
    grounds.cable.websockets = True
    grounds.cable.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    badge(page, "2")
    shown = "told.filter(([name]) => name === 'toast-show').map(([, detail]) => detail.notice.title).sort().join()"
    wait(page, f"{shown} === 'one,three,two'")


def test_a_token_that_ends_is_renewed_and_nobody_notices(grounds: Grounds, visit: Visit) -> None:
    grounds.host.token_seconds = 12.0  # two seconds more than what is worth using
    page = live(visit(grounds.bell("short")))
    given = grounds.host.tokens_given
    until(lambda: grounds.host.tokens_given > given, "no other token was asked for")
    grounds.say("still here")
    badge(page, "1")
    assert "signed-out" not in str(page.evaluate("told"))


def test_a_token_is_nowhere_to_be_found_in_the_page(grounds: Grounds, visit: Visit) -> None:
    page = visit("about:blank")
    tokens: list[str] = []
    page.on("response", lambda one: tokens.append(one.json()["token"]) if one.url.endswith("/token") else None)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text))
    page.goto(grounds.bell("secret"))
    live(page)
    grounds.say("here")
    badge(page, "1")
    page.locator("notice-bell [part=button]").click()
    kept = page.evaluate(
        """() => {
          const inside = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
            [one.outerHTML, ...(one.shadowRoot ? [one.shadowRoot.innerHTML, ...inside(one.shadowRoot)] : [])]);
          return JSON.stringify([inside(document), location.href, localStorage, sessionStorage, history.state,
                                 document.cookie, told]);
        }"""
    )
    assert tokens
    for token in tokens:
        assert token not in kept + " ".join(asked + said)


def test_a_person_who_signs_out_is_told_to_the_host_and_can_return(grounds: Grounds, visit: Visit) -> None:
    grounds.host.person = None
    page = visit(grounds.bell("out"))
    wait(page, "told.some(([name]) => name === 'auth-required')")
    expect(page.locator("notice-bell [part=button]")).to_have_accessible_name("Sign in to see your notifications")
    grounds.host.person = "admin"
    page.evaluate("dispatchEvent(new Event('online'))")
    live(page)


def test_a_connection_that_the_host_closes_takes_everything_with_it(grounds: Grounds, visit: Visit) -> None:
    script = f"""
      const {{ connectNotices }} = await import("{grounds.host.server}/elements/v1/notice-elements.js");
      const options = {{ server: "{grounds.host.server}", tokenUrl: "/token" }};
      window.connect = () => (window.client = connectNotices(options));
      connect();
    """
    body = "<notice-bell></notice-bell><notice-toasts></notice-toasts><notice-inbox></notice-inbox>"
    page = live(visit(grounds.host.page("closing", body, script)))
    grounds.say("Mine alone", severity="error")
    badge(page, "1")
    expect(page.locator("notice-inbox article")).to_have_count(1)
    page.evaluate("client.close()")
    for one in ("notice-bell [part=badge]", "notice-toasts article", "notice-inbox article"):
        expect(page.locator(one)).to_have_count(0)
    page.evaluate("connect()")
    badge(page, "1")


def test_a_server_that_is_not_there_harms_no_page(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell("alone")))
    grounds.cable.cut()
    try:
        page.reload()
        other = visit("about:blank")
        other.goto(grounds.host.page("plain", "<p>mine</p>"))
        expect(other.locator("p")).to_have_text("mine")
    finally:
        grounds.cable.mend()
