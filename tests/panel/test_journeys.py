"""Each person's whole way through a real system: a real alert speaks, and nothing between it and the far end is faked.

The alert is machine-state of the examples: an event on the topic `vm` makes it speak, and nothing else does. The other
examples watch this very machine; they have no configs here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.fakes.smtp import SmtpRecorder
from tests.panel.browser import Watched
from tests.panel.house import House, until
from tests.panel.people import accept, enter, invited, live

Watch = Callable[..., Watched]

pytestmark = [pytest.mark.xdist_group("panel-journeys"), pytest.mark.timeout(240)]
ALERT = "machine-state"
machines = (f"web-{number}" for number in count(1))


@pytest.fixture(scope="module")
def smtp() -> Iterator[SmtpRecorder]:
    with SmtpRecorder() as server:
        yield server


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, smtp: SmtpRecorder) -> Iterator[House]:
    settings = {"ALERTWRAP_EMAIL__URL": smtp.url, "ALERTWRAP_EMAIL__FROM": "alerts@example.org"}
    house = House(tmp_path_factory.mktemp("journeys") / "data", settings, examples=True).start()
    with house.http() as http:
        for one in house.get("/api/v1/configs")["items"]:
            http.delete(f"/api/v1/configs/{one['id']}").raise_for_status()
    yield house
    house.stop()


def configure(house: House, id: str, **channel: Any) -> None:
    """A config of the alert that everybody knows of when this returns."""
    house.post("/api/v1/configs", {"id": id, "name": ALERT, "channel": channel})
    probe = house.post("/api/v1/notices", {"alert": "probe", "title": "?", "config": id, "recipients": ["nobody"]})
    trail = f"/api/v1/notices/{probe['results'][0]['id']}/trail"
    until(lambda: id in house.get(trail)["configs"], f"the config {id} is not known")


def become(house: House, machine: str, status: str) -> None:
    data = {"name": machine, "status": status, "wanted": "running"}
    house.post("/api/v1/events", {"topic": "vm", "key": machine, "action": "updated", "data": data})


def away(page: Page) -> Page:
    """On a page that shows no list of notices."""
    page.goto("/settings")
    page.locator("section[aria-label='New notices']").wait_for(state="attached")
    return live(page)


def toast(page: Page, machine: str) -> Locator:
    cards = page.get_by_role("region", name="New notices").get_by_role("article")
    return cards.filter(has_text=f"Machine {machine} has crashed")


def row(page: Page, machine: str) -> Locator:
    return page.locator("article[data-notice-id]", has_text=f"Machine {machine} has crashed")


def test_a_viewer_reads_in_time_and_gets_no_mail_and_else_gets_one(
    house: House, watch: Watch, smtp: SmtpRecorder
) -> None:
    made = invited(house, "maria", email="maria@example.org")
    here, there = watch(house.url).page(), watch(house.url).page()
    accept(here, made)
    enter(there, "maria")
    expect(here.get_by_role("link", name="Configs")).to_have_count(0)
    configure(house, "for-maria", panel={"recipients": ["maria"]}, email={"recipients": ["maria"], "after": "1h"})
    machine, other = next(machines), next(machines)
    for page in (here, there):
        away(page)

    become(house, machine, "crashed")
    for page in (here, there):
        toast(page, machine).wait_for()
    toast(here, machine).get_by_role("button", name="Mark as read").click()
    for page in (here, there):
        expect(toast(page, machine)).to_have_count(0)
    become(house, other, "crashed")
    toast(here, other).wait_for()
    soon = {"channel": {"email": {"after": "0"}}}
    with house.http() as http:  # rather than wait for an hour
        http.patch("/api/v1/configs/for-maria", json=soon, headers={"If-Match": "*"}).raise_for_status()

    until(lambda: subject_of(smtp, other), "the one that nobody read was not mailed")
    here.goto("/inbox?view=all")
    row(here, machine).get_by_role("link", name="Machine").first.click()
    story = here.get_by_role("region", name="Notice", exact=True)
    expect(story).to_contain_text("Not sent by E-mail")
    assert subject_of(smtp, machine) is None
    assert {mail.recipients for mail in smtp.mails} == {("maria@example.org",)}


def subject_of(smtp: SmtpRecorder, machine: str) -> str | None:
    return next((mail.subject for mail in smtp.mails if f"Machine {machine} has crashed" in mail.subject), None)


def test_an_operator_makes_a_config_by_form_and_the_alert_speaks_by_it(house: House, watch: Watch) -> None:
    page = accept(watch(house.url).page(), invited(house, "oleg", "operator"))
    page.goto(f"/ops/configs/new?alert={ALERT}")
    page.get_by_role("button", name="How bad a machine that is down is").click()
    page.get_by_role("option", name="warning").click()
    expect(page.get_by_role("region", name="Inbox step")).to_contain_text("Oleg")  # who makes it hears of it
    page.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url(re.compile(r"/ops/configs/[^/?]+$"))

    def spoken() -> bool:
        machine = next(machines)
        become(house, machine, "crashed")
        said = until(lambda: house.get("/api/v1/notices", q=machine, alert=ALERT)["items"], "the alert says nothing")
        return bool(said[0]["severity"] == "warning")

    until(spoken, "the alert does not know the new config")
    page.goto("/inbox")
    expect(page.locator("article[data-notice-id]", has_text="has crashed").first).to_be_visible()
    page.goto("/ops/tokens")
    expect(page.get_by_role("button", name="Create token")).to_have_count(0)


def test_every_page_and_mark_agrees_after_each_act(house: House, watch: Watch) -> None:
    """(g) 25: badge, list, title, favicon and the other tab, after reading, archiving, acts on several, and undo."""
    here = accept(watch(house.url).page(), invited(house, "vera"))
    there = enter(watch(house.url).page(), "vera")
    tab = here.context.new_page()
    tab.goto("/inbox")
    pages = [live(page) for page in (here, there, tab)]
    lines = [
        {"alert": "test", "title": f"Vera's {one}", "recipients": ["vera"], "severity": "critical"} for one in "abcd"
    ]
    house.post("/api/v1/notices", lines)

    def agree(unread: int) -> None:
        for page in pages:
            expect(page).to_have_title(re.compile(rf"^\({unread}\) " if unread else r"^Inbox"))
            expect(page.get_by_role("tab", name="Unread")).to_have_text(f"Unread{unread or ''}")
            expect(page.locator("article[data-unread=true]")).to_have_count(unread)
            icon = "/favicon-critical.svg" if unread else "/favicon.svg"
            expect(page.locator("#favicon")).to_have_attribute("href", icon)

    agree(4)
    one = here.locator("article[data-notice-id]", has_text="Vera's b")
    one.hover()
    one.get_by_role("button", name="Mark as read").click()
    agree(3)
    here.keyboard.press("z")
    agree(4)
    two = there.locator("article[data-notice-id]", has_text="Vera's c")
    two.hover()
    two.get_by_role("button", name="Archive").click()
    agree(3)
    there.get_by_role("button", name="Undo").click()
    agree(4)
    tab.get_by_role("button", name="All that match").click()
    tab.get_by_role("menuitem", name="Mark as read").click()
    tab.get_by_role("alertdialog").or_(tab.get_by_role("dialog")).get_by_role("button", name="Mark as read").click()
    agree(0)
    tab.get_by_role("button", name="Undo").click()
    agree(4)


def test_who_is_revoked_is_out_on_every_page_and_cannot_return(house: House, watch: Watch) -> None:
    made = invited(house, "igor")
    here = live(accept(watch(house.url).page(), made))
    there = live(enter(watch(house.url).page(), "igor"))
    with house.http() as http:
        http.patch(f"/api/v1/accounts/{made['id']}", json={"disabled": True}).raise_for_status()
    for page in (here, there):
        page.wait_for_url("**/sign-in*")
        expect(page.get_by_role("textbox", name="Login or e-mail")).to_be_visible()
    there.goto("/inbox")
    there.wait_for_url("**/sign-in*")


def test_a_server_that_was_killed_comes_back_with_no_gap_and_no_duplicate(house: House, watch: Watch) -> None:
    page = accept(watch(house.url).page(), invited(house, "dina"))
    configure(house, "for-dina", panel={"recipients": ["dina"]})
    live(page)
    down = [next(machines) for _ in range(9)]
    for machine in down[:3]:
        become(house, machine, "crashed")
    for machine in down[:3]:
        expect(row(page, machine)).to_have_count(1)
    for machine in down[3:6]:
        become(house, machine, "crashed")  # taken, and perhaps not yet told
    house.kill()
    page.locator("html[data-stream=stale]").wait_for(state="attached")
    house.start()
    for machine in down[6:]:
        become(house, machine, "crashed")
    live(page)
    for machine in down:
        expect(row(page, machine)).to_have_count(1)
    assert page.locator("article[data-notice-id]", has_text="has crashed").count() == len(down)


def test_a_journal_that_was_lost_is_a_gap_that_the_page_fills(house: House, watch: Watch) -> None:
    """(g) 27: what was followed cannot be resumed, so all of it is fetched anew, and nothing is missing."""
    page = live(accept(watch(house.url).page(), invited(house, "nina")))
    house.post("/api/v1/notices", {"alert": "test", "title": "before", "recipients": ["nina"]})
    rows = page.locator("article[data-notice-id]")
    expect(rows).to_have_count(1)
    house.kill()
    lost = list(Path(house.directory).rglob("notifier.db*"))
    assert lost
    for file in lost:
        file.unlink()
    house.start()
    house.post("/api/v1/notices", {"alert": "test", "title": "after", "recipients": ["nina"]})
    live(page)
    expect(rows.filter(has_text="after")).to_have_count(1)
    expect(rows).to_have_count(2)
