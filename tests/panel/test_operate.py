"""The operators' rooms: what was sent and what was answered, dead letters, channels, the system, and the overview."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.fakes.smtp import SmtpRecorder
from tests.panel.house import House, until

ANN = "ann@example.org"


@pytest.fixture
def smtp() -> Iterator[SmtpRecorder]:
    with SmtpRecorder() as server:
        yield server


@pytest.fixture
def house(tmp_path: Path, smtp: SmtpRecorder) -> Iterator[House]:
    """A system whose mail goes to the recorder."""
    settings = {"ALERTWRAP_EMAIL__URL": smtp.url, "ALERTWRAP_EMAIL__FROM": "alerts@example.org"}
    house = House(tmp_path / "data", settings).start()
    yield house
    house.stop()


def mail(house: House, title: str, **more: str) -> str:
    """Hand over one message, and wait until it has ended; its id."""
    body = {"channel": "email", "to": ANN, "title": title, "message": f"About {title}", **more}
    name: str = house.post("/api/v1/messages", body)["results"][0]["id"]
    ended = ("sent", "dead")
    until(lambda: house.get(f"/api/v1/messages/{name}")["status"] in ended, f"{title} has not ended")
    return name


def figure(page: Page, name: str) -> Locator:
    """The value of a figure."""
    term = page.locator("dt", has_text=re.compile(f"^{name}$"))
    return page.locator("dl > div").filter(has=term).locator("dd").first


def test_a_message_shows_its_attempt_and_the_answer_of_the_provider(house: House, page: Page) -> None:
    mail(house, "Disk full")
    page.goto("/ops/deliveries")
    row = page.get_by_role("row", name="Disk full")
    expect(row.get_by_text("Sent", exact=True)).to_be_visible()
    expect(row.get_by_text(ANN)).to_be_visible()
    row.get_by_role("link", name="Disk full").click()
    expect(page.get_by_role("heading", level=1, name="Disk full")).to_be_visible()
    expect(page.get_by_role("heading", name="Attempt 1")).to_be_visible()
    expect(page.get_by_role("region", name="The provider answered")).to_contain_text("250")
    expect(page.get_by_role("region", name="The text that was sent")).to_contain_text("About Disk full")


def test_filters_stand_in_the_address_and_survive_a_reload(house: House, page: Page, smtp: SmtpRecorder) -> None:
    smtp.script = {"RCPT": ["550 no such user"]}
    mail(house, "Lost")
    for title in ("Apples", "Pears"):
        mail(house, title)
    page.goto("/ops/deliveries")
    page.get_by_label("Find by address or title").fill("APP")
    expect(page.get_by_role("link", name="Pears")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?q=APP$"))
    page.reload()
    expect(page.get_by_role("link", name="Apples")).to_be_visible()
    expect(page.get_by_role("link", name="Pears")).to_have_count(0)
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("link", name="Pears")).to_be_visible()
    page.get_by_role("tab", name=re.compile("Dead letters")).click()
    expect(page.get_by_role("link", name="Lost")).to_be_visible()
    expect(page.get_by_role("link", name="Apples")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?status=dead$"))


def test_dead_letters_are_sent_again_after_their_number_was_said(house: House, page: Page, smtp: SmtpRecorder) -> None:
    smtp.script = {"RCPT": ["550 no such user"] * 3}
    names = [mail(house, title) for title in ("One", "Two", "Three")]
    page.goto("/ops/deliveries?status=dead&q=T")
    expect(page.get_by_role("tab", name="Dead letters · 3")).to_be_visible()
    page.get_by_role("button", name="Send all of these again").click()
    dialog = page.get_by_role("dialog", name="Send dead letters again")
    expect(dialog.get_by_text("2 messages to 1 address")).to_be_visible()
    expect(dialog.get_by_text("gets it twice")).to_be_visible()
    assert smtp.mails == []
    dialog.get_by_role("button", name="Send 2 messages again").click()
    expect(dialog.get_by_text("2 messages are on their way again")).to_be_visible()
    until(
        lambda: sorted(one.subject for one in smtp.mails) == ["[info] Three", "[info] Two"],
        "the dead letters did not arrive",
    )
    dialog.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("tab", name="Dead letters · 1")).to_be_visible()
    assert house.get(f"/api/v1/messages/{names[0]}")["status"] == "dead", "what was not chosen stays"


def test_one_dead_letter_is_sent_again_from_its_page(house: House, page: Page, smtp: SmtpRecorder) -> None:
    smtp.script = {"RCPT": ["550 no such user"]}
    name = mail(house, "Disk full")
    page.goto(f"/ops/deliveries/{name}")
    expect(page.get_by_text("550").first).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Send 1 message again").click()
    expect(page.get_by_role("heading", name="Attempt 2")).to_be_visible()
    expect(page.get_by_text("Sent", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Send again")).to_have_count(0)
    assert [one.subject for one in smtp.mails] == ["[info] Disk full"]


def test_a_test_send_shows_what_the_provider_says(page: Page, smtp: SmtpRecorder) -> None:
    page.goto("/ops/channels")
    card = page.get_by_role("region", name="email")
    card.get_by_role("button", name="Send a test").click()
    dialog = page.get_by_role("dialog", name="Send a test by email")
    dialog.get_by_role("button", name="Send the test").click()
    expect(dialog.get_by_text("Say where it should go.")).to_be_visible()
    dialog.get_by_label("Mail address").fill(ANN)
    smtp.script = {"RCPT": ["550 no such user here"]}
    dialog.get_by_role("button", name="Send the test").click()
    expect(dialog.get_by_text("It was not sent.")).to_be_visible()
    expect(dialog.get_by_text("no such user here").first).to_be_visible()
    dialog.get_by_role("button", name="Send another").click()
    expect(dialog.get_by_text("It was sent.")).to_be_visible()
    expect(dialog.get_by_role("region", name="The provider answered")).to_contain_text("250")
    assert [one.recipients for one in smtp.mails] == [(ANN,)]


def test_a_channel_tells_how_it_fares_and_what_to_set(house: House, page: Page, smtp: SmtpRecorder) -> None:
    channel = {"panel": {"recipients": ["admin"]}, "email": {"recipients": ["admin"]}}
    config = house.post("/api/v1/configs", {"name": "disk", "metric": {}, "channel": channel})
    smtp.script = {"RCPT": ["550 no such user"]}
    for title in ("One", "Two"):
        mail(house, title)
    page.goto("/ops/channels")
    card = page.get_by_role("region", name="email")
    expect(card.get_by_text("Fails", exact=True)).to_be_visible()
    expect(card.get_by_text("50%")).to_be_visible()
    expect(card.get_by_role("link", name="disk")).to_have_attribute("href", f"/ops/configs/{config['id']}")
    telegram = page.get_by_role("region", name="telegram", exact=True)
    expect(telegram.get_by_text("Not set up")).to_be_visible()
    expect(telegram.get_by_text("ALERTWRAP_TELEGRAM__TOKEN=")).to_be_visible()
    card.get_by_role("link", name="Look at them").click()
    expect(page.get_by_role("link", name="One")).to_be_visible()
    expect(page.get_by_role("link", name="Two")).to_have_count(0)


def test_the_figures_of_the_overview_are_those_of_what_was_posted(house: House, page: Page) -> None:
    for number in range(3):
        house.notice(f"Disk {number}", severity="warning", alert="disk")
    critical = house.notice("Backup failed", severity="critical", alert="backup")["results"][0]["id"]
    house.post(f"/api/v1/inbox/{critical}/read?recipient=admin", None)
    page.goto("/ops")
    expect(figure(page, "Notices")).to_have_text("4")
    expect(figure(page, "Read")).to_have_text("25%")
    expect(figure(page, "Never read")).to_have_text("3")
    severities = page.get_by_role("region", name="Notices by severity")
    expect(severities.get_by_text("4 notices; the most, 4")).to_be_visible()
    severities.get_by_role("button", name="As a table").click()
    figures = severities.get_by_role("table")
    expect(figures.get_by_role("columnheader")).to_have_text(["Time", "Critical", "Warning", "Total"])
    expect(figures.get_by_role("cell")).to_have_text(["1", "3", "4"])
    unread = page.get_by_role("table", name="Nobody has read")
    expect(unread.get_by_role("link")).to_have_text(["Disk 2", "Disk 1", "Disk 0"])
    noisy = page.get_by_role("table", name="The noisiest alerts")
    expect(noisy.get_by_role("rowheader")).to_have_text(["disk", "backup"])
    expect(page.get_by_text("No channel is in trouble.")).to_be_visible()


def test_the_arrow_keys_walk_through_a_plot_and_it_says_what_is_there(house: House, page: Page) -> None:
    house.notice("Disk full", severity="error")
    page.goto("/ops?range=1h")
    plot = page.get_by_role("group", name="Notices by severity")
    expect(plot.locator("canvas")).to_be_visible()
    expect(plot).to_have_accessible_description(re.compile("1 notice; the most, 1"))
    plot.focus()
    page.keyboard.press("End")
    said = page.get_by_role("region", name="Notices by severity").get_by_role("status").first
    expect(said).to_contain_text(re.compile("Error 1|none"))
    last = said.inner_text()
    page.keyboard.press("Home")
    expect(said).not_to_have_text(last)
    expect(said).to_contain_text("none")


def test_the_system_shows_each_service(page: Page) -> None:
    page.goto("/ops/system")
    expect(page.get_by_text("Everything is ready.")).to_be_visible()
    table = page.get_by_role("table", name="System")
    for name in ("Notifier", "Configurator", "Notice center", "Message sender"):
        row = table.get_by_role("row", name=re.compile(f"^{name}"))
        expect(row.get_by_text("Ready", exact=True)).to_be_visible()
        expect(row.get_by_text("SQLite")).to_be_visible()


def test_a_service_that_does_not_answer_has_a_row_all_the_same(page: Page) -> None:
    page.route("**/api/v1/system/notifier", lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>"))
    page.goto("/ops/system")
    row = page.get_by_role("row", name=re.compile("^Notifier"))
    expect(row.get_by_text("Does not answer")).to_be_visible()
    expect(page.get_by_text("1 service is not ready")).to_be_visible()
