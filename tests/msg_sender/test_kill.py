"""kill -9 of a real `msg-sender serve` at every fault point: nothing accepted is lost, and a message goes out twice
only where the far end had taken it before we wrote that down, both times with the same id.

The ledgers are the far ends: the fake Bot API and the SMTP recorder run in this process and outlive the sender.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path

import httpx2
import pytest

from tests.conftest import eventually
from tests.fakes.bot_api import BotApi
from tests.fakes.provider import Provider
from tests.fakes.smtp import SmtpRecorder
from tests.faults.harness import Fault, points
from tests.fork_server import exit_of
from tests.services import service

BOOTSTRAP = "bootstrap-token-of-the-tests"
COUNT = 4
DEADLINE = 40.0
IN_SENDER = points("msg_sender") | {"egress.connected"}


def test_every_fault_point_is_swept() -> None:
    assert {
        "msg_sender.accepting", "msg_sender.accepted", "msg_sender.claimed", "msg_sender.begun", "msg_sender.answered",
        "msg_sender.recorded", "smtp.connected", "egress.connected",
    } == IN_SENDER  # fmt: skip


def settings(tmp_path: Path, database: str, bot: BotApi, smtp: SmtpRecorder, hook: Provider) -> dict[str, str]:
    return {
        **os.environ,
        "ALERTWRAP_TOKEN": BOOTSTRAP,
        "ALERTWRAP_DATA": str(tmp_path),
        "ALERTWRAP_SERVER": "http://127.0.0.1:9",
        "ALERTWRAP_MSG_SENDER__DATABASE": database,
        "ALERTWRAP_MSG_SENDER__LEASE": "2s",
        "ALERTWRAP_EMAIL__URL": smtp.url,
        "ALERTWRAP_EMAIL__FROM": "a@example.org",
        "ALERTWRAP_TELEGRAM__TOKEN": bot.token,
        "ALERTWRAP_TELEGRAM__API_URL": bot.url,
        "ALERTWRAP_WEBHOOK__SECRETS": "whsec_" + "QUJD" * 8,
        "ALERTWRAP_EGRESS__ALLOW": f'["127.0.0.1:{hook.port}"]',
    }


def bodies(hook: Provider) -> list[dict[str, str]]:
    addresses = {"email": "ann@example.org", "telegram": "4{}", "webhook": hook.url + "/hook"}
    return [
        {"id": f"{channel}-{number}", "channel": channel, "to": to.format(number), "title": f"{channel}-{number}"}
        for number in range(COUNT)
        for channel, to in addresses.items()
    ]


async def hand_over(url: str, given: list[dict[str, str]]) -> set[str]:
    """As a producer does: one by one, keeping in mind what was acknowledged; gives up when the sender dies."""
    acknowledged = set()
    headers = {"authorization": f"Bearer {BOOTSTRAP}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=40) as http:
        for body in given:
            try:
                answer = await http.post("/api/v1/messages", json=body)
            except httpx2.HTTPError:
                break
            assert answer.status_code == 202
            acknowledged.add(body["id"])
    return acknowledged


@pytest.mark.slow
@pytest.mark.timeout(150)
@pytest.mark.parametrize(
    ("database_url", "point", "nth"),
    [
        *(("sqlite", point, 1) for point in sorted(IN_SENDER)),
        ("sqlite", "msg_sender.answered", 5),
        *(("postgres", point, 1) for point in sorted(points("msg_sender") - {"smtp.connected"})),
    ],
    indirect=["database_url"],
)
async def test_killed_at_a_point_it_loses_nothing_and_repeats_only_what_was_on_the_wire(
    point: str, nth: int, database_url: str, tmp_path: Path, bot: BotApi, smtp: SmtpRecorder
) -> None:
    async with Provider() as hook:
        environment = settings(tmp_path, database_url, bot, smtp, hook)
        fault = Fault(point, tmp_path / "reached", nth)
        given = bodies(hook)
        async with service("msg_sender", fault.environment(environment), tmp_path) as (doomed, url):
            acknowledged = await hand_over(url, given)
            assert await exit_of(doomed, DEADLINE) == -signal.SIGKILL
        assert fault.reached.read_text() == point

        def ledger() -> Counter[str]:
            mails = [str(mail.message["Message-ID"])[1:].partition("@")[0] for mail in smtp.mails]
            texts = [sent["text"].split()[-1] for sent in bot.sent]
            return Counter([*mails, *texts, *(request.headers["webhook-id"] for request in hook.requests)])

        async with service("msg_sender", environment, tmp_path, signal.SIGTERM) as (_, url):
            names = {body["id"] for body in given}
            rest = [body for body in given if body["id"] not in acknowledged]
            assert await hand_over(url, rest) == names - acknowledged, "what was acknowledged is not handed over again"
            await eventually(lambda: set(ledger()) == names, DEADLINE)
            assert await hand_over(url, given) == names, "repeating all of it is harmless"
            lost = await _lost_when_all_is_sent(url)
        repeated = {name: times for name, times in ledger().items() if times > 1}
        assert all(times == 2 for times in repeated.values())
        assert set(repeated) <= lost, "only what was on the wire at the kill, and the trail says so"


async def _lost_when_all_is_sent(url: str) -> set[str]:
    """Waits until every message is recorded as sent; the ids of those with an attempt whose end nobody knows."""
    headers = {"authorization": f"Bearer {BOOTSTRAP}"}
    query = {"limit": 500, "attempts": True}
    async with (
        httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=40) as http,
        asyncio.timeout(DEADLINE),
    ):
        while True:
            items = (await http.get("/api/v1/messages", params=query)).json()["items"]
            if {item["status"] for item in items} == {"sent"}:
                break
            await asyncio.sleep(0.05)
    return {item["id"] for item in items if "lost" in {attempt["outcome"] for attempt in item["attempts"]}}
