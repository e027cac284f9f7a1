"""The elements on somebody else's page, in a real browser, against a real server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.panel.browser import Watched, serious_issues
from tests.panel.embedding import Cable, Host, require_bundle, settings_for
from tests.panel.house import House, until

pytestmark = pytest.mark.xdist_group("panel-elements")
Watch = Callable[..., Watched]

#: The page remembers what the elements told it, and what was said aloud.
RECORDER = """
window.told = [];
for (const name of ["state", "auth-required", "counts", "error", "toast-show", "open"])
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

    def bell(self, name: str = "bell", more: str = "", **page: str) -> str:
        """A page with all three elements that asks its own back end for tokens."""
        asks = f'server="{self.host.server}" token-url="/token"'
        body = f"<notice-bell {asks} {more}></notice-bell><notice-toasts {asks} {more}></notice-toasts>"
        return self.host.page(name, body, **page)

    def say(self, title: str, **more: Any) -> None:
        self.house.notice(title, **more)


@pytest.fixture(scope="module")
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
    grounds.house.post("/api/v1/inbox/read-all", {})


@pytest.fixture
def visit(watch: Watch, grounds: Grounds) -> Callable[..., Page]:
    """A new tab of one browser on a page of the host."""
    contexts: dict[str, Watched] = {}

    def make(address: str, *, who: str = "", **options: Any) -> Page:
        if who not in contexts:
            contexts[who] = watch(grounds.host.url, **options)
            contexts[who].context.add_init_script(RECORDER)
        page = contexts[who].page()
        page.goto(address)
        return page

    return make


Visit = Callable[..., Page]


def wait(page: Page, expression: str) -> None:
    """Until it is true in the page. The page's policy forbids what Playwright's own way of waiting does."""
    until(lambda: page.evaluate(expression), f"never true: {expression}")


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


def toasts(page: Page) -> list[str]:
    return page.locator("notice-toasts [part=title]").all_inner_texts()


def test_the_bell_rings_on_a_page_of_another_origin_with_the_customers_jwt(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell()))
    said = time.time()
    grounds.say("The roof leaks", severity="critical", message="Bring a **bucket**.", url="/roof")
    expect(page.locator("notice-toasts article")).to_contain_text("The roof leaks")
    assert page.evaluate("told.find(([name]) => name === 'toast-show')[2]") / 1000 - said < 1.0
    badge(page, "1")
    assert page.locator("notice-toasts [part=body]").inner_text() == "Bring a bucket."
    page.locator("notice-bell button").click()
    row = page.locator("notice-bell article")
    expect(row).to_contain_text("The roof leaks")
    expect(row.locator("a")).to_have_attribute("href", "/roof")
    page.keyboard.press("Escape")
    expect(page.locator("notice-bell [part=popover]")).to_be_hidden()
    expect(page.locator("notice-bell button").first).to_be_focused()


def test_an_origin_that_is_not_listed_is_refused_and_its_page_goes_on(grounds: Grounds, browser: Browser) -> None:
    grounds.stranger.person = "admin"
    asks = f'server="{grounds.stranger.server}" token-url="/token"'
    address = grounds.stranger.page("stranger", f"<notice-bell {asks}></notice-bell><p id=mine>fine</p>")
    context = browser.new_context()
    page = context.new_page()
    faults: list[object] = []
    page.on("pageerror", noting(faults))
    context.add_init_script(RECORDER)
    with page.expect_event("websocket", lambda one: "follow" in one.url) as opened:
        page.goto(address)
    heard: list[object] = []
    opened.value.on("framereceived", noting(heard))
    page.wait_for_timeout(1_000)
    expect(page.locator("#mine")).to_have_text("fine")
    expect(page.locator("notice-bell button")).to_be_visible()
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
    gone = time.monotonic()
    rest = [page for page in pages if page is not leader]
    until(lambda: rest[0].evaluate("true") and len(opened) == 2, "nobody took over")
    assert time.monotonic() - gone < 1.0
    for number in range(5):
        grounds.say(f"after {number}")
    for page in rest:
        badge(page, "6")
        shown = page.evaluate("told.filter(([name]) => name === 'toast-show').map(([, detail]) => detail.notice.title)")
        assert sorted(shown) == ["after 0", "after 1", "after 2", "after 3", "after 4", "before"]
    assert len(opened) == 2


def test_what_happened_while_the_connection_was_cut_is_there_once_on_return(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell("cut")))
    page.locator("notice-bell button").click()
    expect(page.locator("notice-bell [part=empty]")).to_be_visible()
    grounds.cable.cut()
    wait(page, "told.at(-1)[1].state === 'stale'")
    for number in range(30):
        grounds.say(f"storm {number:02}", severity="warning")
    time.sleep(6)  # what is older than a few seconds was missed
    expect(page.locator("notice-bell .bar")).to_contain_text("Reconnecting")
    grounds.cable.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    badge(page, "30")
    expect(page.locator("notice-bell .bar")).to_have_count(0)
    expect(page.locator("notice-toasts article")).to_have_count(1)
    assert toasts(page) == ["30 notifications while you were away"]
    page.locator("notice-bell [part=pill]").or_(page.locator("notice-bell article").first).first.click()
    expect(page.locator("notice-bell article")).to_have_count(30)
    titles = page.locator("notice-bell [part=title]").all_inner_texts()
    assert titles == [f"storm {number:02}" for number in reversed(range(30))]


def test_a_storm_is_a_few_toasts_and_few_words(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell("storm")))
    for number in range(20):
        grounds.say(f"drop {number}")
    badge(page, "20")
    wait(page, "spoken.length > 0")
    page.wait_for_timeout(1_500)
    assert len(toasts(page)) <= 3
    assert len(page.evaluate("spoken")) <= 2
    assert "new notifications" in page.evaluate("spoken.at(-1)[1]")


def test_read_on_one_page_clears_the_other(grounds: Grounds, visit: Visit) -> None:
    address = grounds.bell("both")
    here, there = live(visit(address)), live(visit(address, who="another browser"))
    grounds.say("One thing")
    grounds.say("Another", severity="error")
    badge(there, "2")
    here.locator("notice-bell button").click()
    row = here.locator("notice-bell article", has_text="Another")
    row.get_by_role("button", name="Mark as read").click()
    badge(there, "1")
    expect(there.locator("notice-toasts article", has_text="Another")).to_have_count(0)
    here.get_by_role("button", name="Undo").click()
    badge(there, "2")
    here.get_by_role("button", name="Mark all as read").click()
    expect(there.locator("notice-bell [part=badge]")).to_have_count(0)


def test_the_inbox_is_worked_with_keys_also_in_russian(grounds: Grounds, visit: Visit) -> None:
    asks = f'server="{grounds.host.server}" token-url="/token"'
    address = grounds.host.page("keys", f'<notice-inbox {asks} lang="ru"></notice-inbox>')
    page = live(visit(address))
    for title in ("first", "second", "third"):
        grounds.say(title)
    rows = page.locator("notice-inbox article")
    expect(rows).to_have_count(3)
    expect(page.get_by_role("button", name="Прочитать все")).to_be_visible()
    page.locator("notice-inbox h2").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.ariaLabel").startswith("Сообщение: second")
    rows.nth(1).dispatch_event("keydown", {"key": "у", "code": "KeyE", "bubbles": True, "composed": True})
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_be_focused()
    grounds.say("does not move what is read")
    expect(page.locator("notice-inbox [part=pill]")).to_have_text("1 новое")
    page.keyboard.press("z")
    expect(rows).to_have_count(3)


def test_a_token_that_ends_is_renewed_and_nobody_notices(grounds: Grounds, visit: Visit) -> None:
    grounds.host.token_seconds = 12.0  # two seconds more than what is worth using
    page = live(visit(grounds.bell("short")))
    given = grounds.host.tokens_given
    until(lambda: grounds.host.tokens_given > given, "no other token was asked for")
    grounds.say("still here")
    badge(page, "1")
    assert "signed-out" not in str(page.evaluate("told"))


def test_a_person_who_signs_out_is_told_to_the_host_and_can_return(grounds: Grounds, visit: Visit) -> None:
    grounds.host.person = None
    page = visit(grounds.bell("out"))
    wait(page, "told.some(([name]) => name === 'auth-required')")
    expect(page.locator("notice-bell button")).to_have_accessible_name("Sign in to see your notifications")
    grounds.host.person = "admin"
    page.evaluate("dispatchEvent(new Event('online'))")
    live(page)


HOSTILE = """
* { all: unset !important; font: 40px/3 fantasy !important; color: rgb(255, 0, 0) !important;
    letter-spacing: 9px !important; text-transform: uppercase !important; visibility: visible !important; }
html { font-size: 60px; direction: rtl; }
notice-bell, notice-toasts, notice-inbox { display: none !important; color-scheme: only dark !important; }
div { transform: rotate(9deg) !important; overflow: hidden !important; max-height: 3px !important; }
"""


def test_a_hostile_sheet_of_the_host_changes_nothing(grounds: Grounds, visit: Visit) -> None:
    page = live(visit(grounds.bell("hostile", 'theme="light"', style=HOSTILE)))
    grounds.say("Readable", severity="error")
    toast = page.locator("notice-toasts article")
    expect(toast).to_be_visible()
    looks = toast.locator("h3").evaluate(
        "(one) => { const s = getComputedStyle(one); return [s.color, s.fontSize, s.letterSpacing, s.textTransform]; }"
    )
    assert looks == ["rgb(20, 24, 31)", "14px", "normal", "none"]
    button = page.locator("notice-bell button")
    expect(button).to_be_visible()
    box = button.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (36, 36)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(grounds: Grounds, visit: Visit, scheme: str, width: int) -> None:
    page = live(visit(grounds.bell("axe"), color_scheme=scheme, viewport={"width": width, "height": 800}))
    for severity in ("info", "success", "warning", "error", "critical"):
        grounds.say(f"It is {severity}", severity=severity, message="More of it.")
    badge(page, "5")
    assert serious_issues(page) == []
    page.locator("notice-bell button").click()
    expect(page.locator("notice-bell article")).to_have_count(5)
    page.wait_for_timeout(300)
    assert serious_issues(page) == []


def test_loaded_twice_from_two_places_it_is_one(grounds: Grounds, visit: Visit) -> None:
    grounds.host.duplicates = True
    again = f'import "{grounds.host.server}/elements/v1/notice-elements.js?again";'
    opened: list[object] = []
    page = visit("about:blank")
    page.on("websocket", noting(opened))
    page.goto(grounds.bell("twice", script=again))
    live(page)
    grounds.say("once")
    badge(page, "1")
    assert len(opened) == 1
    assert page.locator("[data-alertwrap]").count() == 2


def test_a_server_that_is_not_there_harms_no_page(grounds: Grounds, visit: Visit) -> None:
    grounds.house.post("/api/v1/inbox/read-all", {})
    page = visit(grounds.bell("alone"))
    live(page)
    grounds.cable.cut()
    try:
        page.reload()
        other = visit("about:blank")
        other.goto(grounds.host.page("plain", "<p>mine</p>"))
        expect(other.locator("p")).to_have_text("mine")
    finally:
        grounds.cable.mend()


def test_a_host_takes_over_what_it_wants_to(grounds: Grounds, visit: Visit) -> None:
    script = f"""
      const {{ connectNotices }} = await import("{grounds.host.server}/elements/v1/notice-elements.js");
      const getToken = async () => (await (await fetch("/token")).json()).token;
      const onNavigate = (url) => (window.went = url);
      connectNotices({{ endpoint: "{grounds.host.server}", getToken, onNavigate }});
      document.querySelector("notice-toasts").shouldShow = (notice) => notice.title !== "boring";
      document.addEventListener("notice-action", (event) => event.preventDefault());
    """
    body = "<notice-bell></notice-bell><notice-toasts></notice-toasts>"
    page = live(visit(grounds.host.page("own", body, script)))
    grounds.say("boring")
    grounds.say("Go there", url="/somewhere")
    expect(page.locator("notice-toasts article")).to_have_count(1)
    page.locator("notice-bell button").click()
    page.locator("notice-bell article", has_text="boring").get_by_role("button", name="Archive").click()
    badge(page, "2")
    page.locator("notice-bell a", has_text="Go there").click()
    assert page.evaluate("went") == "/somewhere"
    badge(page, "1")


def test_the_bundle_is_readable_from_anywhere_and_checked_each_time(grounds: Grounds) -> None:
    with grounds.house.http() as http:
        answer = http.get("/elements/v1/notice-elements.js")
        again = http.get("/elements/v1/notice-elements.js", headers={"if-none-match": answer.headers["etag"]})
        types = http.get("/elements/v1/notice-elements.d.ts")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["content-encoding"] == "gzip"
    assert again.status_code == 304
    assert "connectNotices" in types.text
