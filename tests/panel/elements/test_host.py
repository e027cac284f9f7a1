"""The elements as guests: the host's sheets, script and policy stay the host's, and ours stay ours."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.panel.browser import serious_issues, wait
from tests.panel.elements.grounds import Grounds, Visit, badge, live, noting

pytestmark = pytest.mark.xdist_group("panel-elements")

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
    button = page.locator("notice-bell [part=button]")
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
    expect(page.locator("notice-toasts article", has_text="It is critical")).to_be_visible()
    assert serious_issues(page) == []
    page.locator("notice-bell [part=button]").click()
    expect(page.locator("notice-bell article")).to_have_count(5)
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
    page.locator("notice-bell [part=button]").click()
    page.locator("notice-bell article", has_text="boring").get_by_role("button", name="Archive").click()
    badge(page, "2")
    page.locator("notice-bell a", has_text="Go there").click()
    wait(page, "window.went === '/somewhere'")
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
