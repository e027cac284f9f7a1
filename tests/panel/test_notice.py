"""The page of a notice: what it says, safely; what happened to it, and why; and who may see what of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.panel.browser import Watched, serious_issues, wait
from tests.panel.house import House, until
from tests.panel.people import accept, invited

GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs="
HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>\n\n"
    "[click](javascript:window.hacked=1) ![p](https://tracker.example/p.png)\n\n"
    "<svg onload=window.hacked=1> [bank](https://evil.example/login)"
)
DISK: dict[str, Any] = {
    "alert": "disk", "key": "web-1:/var", "severity": "warning", "title": "Disk /var is 91 % full",
    "message": "Grown by **4 GB**.", "entity": {"topic": "host.mount", "key": "web-1:/var"},
    "labels": {"host": "web-1"},
    "url": "https://panel.example/hosts/web-1",
}  # fmt: skip


def said(house: House, **more: Any) -> str:
    """The id of a new notice."""
    return str(house.post("/api/v1/notices", {"alert": "test", "recipients": ["admin"], **more})["results"][0]["id"])


def lines(page: Page, kind: str) -> Locator:
    return page.locator(f"[data-kind={kind}]")


def people(house: House) -> None:
    house.post("/api/v1/recipients", {"id": "maria", "name": "Maria Sokolova", "addresses": {"email": "maria@x.test"}})
    house.post("/api/v1/recipients", {"id": "tom", "name": "Tom", "addresses": {}})


def test_the_timeline_names_channel_reason_attempt_and_what_did_not_happen(house: House, page: Page) -> None:
    people(house)
    channel = {
        "panel": {"recipients": ["admin", "maria", "tom"]},
        "email": {"recipients": ["maria", "tom"], "after": "0"},
        "telegram": {"chat_id": [-1001], "after": "1h"},
    }
    config = house.post("/api/v1/configs", {"name": "disk", "channel": channel})["id"]
    probe = said(house, title="which configs are known?", config=config)
    until(lambda: config in house.get(f"/api/v1/notices/{probe}/trail")["configs"], "the config is not known")
    notice = said(house, **DISK, config=config)
    page.goto(f"/n/{notice}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Disk /var is 91 % full")
    expect(lines(page, "said")).to_contain_text("disk said it")
    expect(lines(page, "placed")).to_contain_text("Maria Sokolova")
    skipped = lines(page, "decided").filter(has_text="Not sent by E-mail to Tom")
    expect(skipped).to_contain_text("The recipient has no address for this channel. Config")
    expect(skipped).to_contain_text("revision 1")
    handed = lines(page, "decided").filter(has_text="Handed over for E-mail to Maria Sokolova")
    expect(handed).to_contain_text("Nobody had read it in time.")
    tried = lines(page, "tried")
    expect(tried).to_contain_text("E-mail did not take it for maria@x.test")
    expect(tried).to_contain_text("not configured")
    expect(lines(page, "gaveUp")).to_contain_text("Given up")
    coming = lines(page, "coming")
    expect(coming).to_contain_text("Telegram if it is still unread")
    expect(coming).to_contain_text("in 59:")
    for noun, address in (("disk", "/inbox?view=all&alert=disk"), ("Maria Sokolova", "/ops/recipients/maria")):
        link = page.locator("[data-kind]").get_by_role("link", name=noun, exact=True).first
        expect(link).to_have_attribute("href", address)
    assert str(tried.get_by_role("link").first.get_attribute("href")).startswith("/ops/deliveries/")
    assert serious_issues(page) == []


def test_who_did_not_get_it_can_be_asked_by_name(house: House, page: Page) -> None:
    people(house)
    notice = said(house, title="For Maria", recipients=["maria"])
    page.goto(f"/n/{notice}")
    page.get_by_role("button", name="Why did someone get it, or not?").click()
    for name, answer in (("Tom", "It is not in their inbox: neither"), ("Maria Sokolova", "in their inbox since")):
        page.get_by_role("button", name="Recipient").click()
        page.get_by_role("option", name=name).click()
        expect(page.get_by_role("status").filter(has_text=answer)).to_be_visible()


def test_acts_show_at_once_and_stand_in_the_timeline(house: House, page: Page) -> None:
    notice = said(house, title="Load is high", severity="error")
    page.goto(f"/n/{notice}")
    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_role("button", name="Mark as unread")).to_be_visible()
    expect(lines(page, "marked")).to_contain_text("Admin read it")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("textbox", name="What is being done about it").fill("restarting it")
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    expect(lines(page, "marked").filter(has_text="Admin takes care of it")).to_contain_text("restarting it")
    page.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_role("button", name="Return to the inbox")).to_be_visible()
    until(lambda: house.get(f"/api/v1/inbox/{notice}", recipient="admin")["archived_at"], "the server was not told")


def test_the_page_follows_what_happens(house: House, page: Page) -> None:
    notice = said(house, **DISK)
    page.goto(f"/n/{notice}")
    page.locator("html[data-stream=live]").wait_for()
    expect(lines(page, "said")).to_have_count(1)
    said(house, **{**DISK, "severity": "critical", "title": "Disk /var is 97 % full"})
    expect(page.get_by_role("heading", level=1)).to_have_text("Disk /var is 97 % full")
    expect(lines(page, "said").filter(has_text="it got worse: Critical")).to_be_visible()
    said(house, **{**DISK, "status": "resolved"})
    expect(lines(page, "said").filter(has_text="it is over")).to_be_visible()


def test_hostile_text_stays_text_and_nothing_is_fetched_from_elsewhere(house: House, page: Page) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    attachments = [
        {"url": GIF, "name": "dot.gif", "type": "image/gif"},
        {"url": "https://tracker.example/pixel.png", "type": "image/png"},
        {"url": "javascript:window.hacked=1", "name": "x", "type": "text/html"},
    ]
    actions = [{"label": "Go", "url": "javascript:window.hacked=1"}, {"label": "Wiki", "url": "https://wiki.example/x"}]
    hostile = {"message": HOSTILE, "attachments": attachments, "actions": actions, "labels": {"<b>": "<i>"}}
    page.goto(f"/n/{said(house, title='<img src=x onerror=alert(1)>', **hostile)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("<img src=x onerror=alert(1)>")
    picture = page.get_by_role("img", name="dot.gif")
    wait(page, "document.querySelector('img[alt=\"dot.gif\"]')?.naturalWidth > 0")
    assert str(picture.get_attribute("src")).startswith("/api/v1/notices/")
    expect(page.get_by_text("(evil.example)")).to_be_visible()
    expect(page.get_by_role("link", name="pixel.png")).to_be_visible()
    expect(page.get_by_role("link", name="Wiki")).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert page.locator("a[href^='javascript']").count() == 0
    assert page.evaluate("window.hacked") is None
    assert [url for url in asked if not url.startswith(house.url)] == []


@pytest.mark.parametrize(
    ("named", "title"),
    [("absent", "There is no such notice"), ("01000000-0000-7000-8000-000000000000", "This notice was deleted")],
    ids=["never was", "too old"],
)
def test_what_is_not_there_says_why(page: Page, named: str, title: str) -> None:
    page.goto(f"/n/{named}")
    expect(page.get_by_role("heading", name=title).last).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Go to the inbox").click()
    page.wait_for_url("**/inbox*")


def test_a_viewer_sees_their_own_part(house: House, watch: Callable[..., Watched]) -> None:
    people(house)
    notice = said(house, title="For both", recipients=["maria", "tom"])
    foreign = said(house, title="For Tom", recipients=["tom"])
    page = accept(watch(house.url).page(), invited(house, "maria"))
    page.goto(f"/n/{notice}")
    expect(page.get_by_role("heading", name="Why you got this")).to_be_visible()
    expect(lines(page, "placed")).to_contain_text("Maria Sokolova")
    expect(page.get_by_role("main")).not_to_contain_text("Tom")
    page.goto(f"/n/{foreign}")
    expect(page.get_by_role("heading", name="There is no such notice").last).to_be_visible()
