"""Why a delivery failed, or was never possible, in the language of who looks: the story of its notice, the list, the
page of the delivery, the dead letters, the channels, and a trial."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.fakes.smtp import SmtpRecorder
from tests.panel.conftest import SignIn
from tests.panel.house import House, until

REFUSED = "SMTP-сервер ответил: 550 no such user"
NOT_CONFIGURED = "Канал telegram не настроен: задайте [telegram] token"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A system whose mail server knows nobody, and without Telegram."""
    with SmtpRecorder() as smtp:
        smtp.script = {"RCPT": ["550 no such user"] * 9}
        house = House(tmp_path / "data", {"ALERTWRAP_EMAIL__URL": smtp.url}).start()
        yield house
        house.stop()


def undelivered(house: House) -> tuple[str, dict[str, Any]]:
    """A notice whose messages are given up on both channels; its id, and the messages by channel."""
    channel = {
        "email": {"to": ["ann@example.org"], "after": "0"},
        "telegram": {"chat_id": [-1001], "after": "0"},
    }
    config = house.post("/api/v1/configs", {"name": "disk", "channel": channel})["id"]

    def trail(notice: str) -> Any:
        return house.get(f"/api/v1/notices/{notice}/trail")

    probe = str(house.notice("Is it known?", config=config)["results"][0]["id"])
    until(lambda: config in trail(probe)["configs"], "the config is not known")
    notice = str(house.notice("Disk full", config=config)["results"][0]["id"])
    until(lambda: [one["status"] for one in trail(notice)["messages"]] == ["dead", "dead"], "they are not given up")
    return notice, {one["channel"]: one for one in trail(notice)["messages"]}


def test_a_russian_panel_says_in_russian_why_a_message_did_not_arrive(house: House, sign_in: SignIn) -> None:
    notice, messages = undelivered(house)
    assert messages["email"]["reason"] == "SMTP answered 550 no such user", "programs read English"
    page = sign_in(locale="ru-RU")
    page.goto(f"/n/{notice}")
    for kind in ("tried", "gaveUp"):
        for reason in (REFUSED, NOT_CONFIGURED):
            expect(page.locator(f"[data-kind={kind}]").filter(has_text=reason)).to_have_count(1)
    page.goto(f"/ops/deliveries?status=dead&notice={notice}")
    for channel, reason in (("email", REFUSED), ("telegram", NOT_CONFIGURED)):
        expect(page.get_by_role("row").filter(has_text=channel)).to_contain_text(reason)
    page.goto(f"/ops/deliveries/{messages['telegram']['id']}")
    expect(page.get_by_text(NOT_CONFIGURED)).to_have_count(2)  # of the attempt, and of the message
    page.goto("/ops/channels")
    for reason in (REFUSED, NOT_CONFIGURED):
        expect(page.get_by_text(reason)).to_be_visible()
    page.get_by_role("button", name="Отправить проверку…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("ann@example.org")
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_text(REFUSED)).to_be_visible()
