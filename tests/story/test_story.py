"""The whole story with real processes and nothing faked but the far ends.

A config is made over HTTP, an event is published, the alert reads it and prints, the notice is stored and pushed, and
whoever did not read it in time gets an e-mail and a Telegram message, once.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.bot_api import BotApi
from tests.fakes.smtp import SmtpRecorder
from tests.story.system import Program, System, five_processes, follow_inbox, one_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

BOT_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
WATCH = Path(__file__).parent / "watch.py"
CHAT = -1001


@pytest.fixture
def mail() -> Iterator[SmtpRecorder]:
    with SmtpRecorder() as server:
        yield server


@pytest.fixture
async def bot() -> AsyncIterator[BotApi]:
    async with BotApi(BOT_TOKEN, chats={str(CHAT)}) as server:
        yield server


@pytest.fixture(params=["one process, SQLite", "five processes, PostgreSQL"])
async def system(
    request: pytest.FixtureRequest, tmp_path: Path, mail: SmtpRecorder, bot: BotApi, postgres_url: str
) -> AsyncIterator[System]:
    settings = {
        "ALERTWRAP_EMAIL__URL": mail.url,
        "ALERTWRAP_EMAIL__FROM": "alerts@example.org",
        "ALERTWRAP_TELEGRAM__TOKEN": BOT_TOKEN,
        "ALERTWRAP_TELEGRAM__API_URL": bot.url,
    }
    opened = (
        one_process(tmp_path, settings)
        if request.param.startswith("one")
        else five_processes(tmp_path, settings, postgres_url)
    )
    async with opened as system:
        yield system


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    file = tmp_path / "watch.toml"
    file.write_text(f'name = "orders"\ncommand = ["{sys.executable}", "{WATCH}"]\nwatch = ["shop.order"]\n')
    return file


def config(after: str, limit: int = 100) -> dict[str, Any]:
    channel = {
        "panel": {"recipients": ["ann"]},
        "email": {"recipients": ["ann"], "after": after},
        "telegram": {"chat_id": [CHAT], "after": after},
    }
    return {"id": "c-orders", "name": "orders", "metric": {"limit": limit}, "channel": channel, "enabled": True}


async def prepare(system: System, after: str) -> str:
    """Ann with her address, and the config; returns Ann's token."""
    await system.post("/api/v1/recipients", {"id": "ann", "name": "Ann", "addresses": {"email": "ann@example.org"}})
    await system.post("/api/v1/configs", config(after))
    return await system.person("ann")


async def order(system: System, key: str, amount: int) -> None:
    event = {"topic": "shop.order", "key": key, "action": "updated", "data": {"amount": amount}}
    await system.post("/api/v1/events", event)


async def until(question: Callable[[], Any], deadline: float = 40.0) -> Any:
    """Ask again until the answer is true; for what another process does."""
    async with asyncio.timeout(deadline):
        while not (answer := await question()):
            await asyncio.sleep(0.05)
        return answer


async def _true(answer: Any) -> Any:
    return answer


async def decisions(system: System, notice: str) -> list[dict[str, Any]]:
    trail = await system.get(f"/api/v1/notices/{notice}/trail")
    return [row for row in trail["decisions"] if row["verdict"] != "wait"]


async def test_what_nobody_reads_in_time_is_sent_once_by_mail_and_telegram(
    system: System, manifest: Path, mail: SmtpRecorder, bot: BotApi
) -> None:
    token = await prepare(system, after="1s")
    await system.wrapper(manifest)
    async with follow_inbox(system, token) as inbox:
        await order(system, "o1", 150)
        [entry, *_] = await inbox.until(1)
    assert entry["title"] == "Order o1 over 150"
    assert entry["recipient"] == "ann"
    assert entry["read_at"] is None

    await until(lambda: _true(mail.mails and bot.sent))
    [letter], [said] = mail.mails, bot.sent
    assert "Order o1 over 150" in letter.subject
    assert letter.recipients == ("ann@example.org",)
    assert "Order o1 over 150" in said["text"]
    assert str(said["chat_id"]) == str(CHAT)

    async def settled() -> bool:
        messages = (await system.get("/api/v1/messages", notice=entry["id"]))["items"]
        return [message["status"] for message in messages] == ["sent", "sent"]

    await until(settled)
    assert (len(mail.mails), len(bot.sent)) == (1, 1)
    assert sorted(row["channel"] for row in await decisions(system, entry["id"])) == ["email", "telegram"]


async def test_what_is_read_in_time_is_sent_to_nobody(
    system: System, manifest: Path, mail: SmtpRecorder, bot: BotApi
) -> None:
    token = await prepare(system, after="4s")
    await system.wrapper(manifest)
    async with follow_inbox(system, token) as inbox:
        await order(system, "o1", 150)
        [entry, *_] = await inbox.until(1)
        headers = {"authorization": f"Bearer {token}"}
        read = await system.http.post(f"/api/v1/inbox/{entry['id']}/read", headers=headers)
        assert read.is_success, read.text

    async def decided() -> list[dict[str, Any]]:
        rows = await decisions(system, entry["id"])
        return rows if len(rows) == 2 else []

    rows = await until(decided)
    assert {(row["channel"], row["verdict"], row["reason"]) for row in rows} == {
        ("email", "skip", "read"),
        ("telegram", "skip", "read"),
    }
    assert (await system.get("/api/v1/messages", notice=entry["id"]))["items"] == []
    assert (mail.mails, bot.sent) == ([], [])


async def test_a_config_that_changes_reaches_the_running_alert(system: System, manifest: Path) -> None:
    token = await prepare(system, after="1h")
    wrapper = await system.wrapper(manifest)
    async with follow_inbox(system, token) as inbox:
        await order(system, "o1", 150)
        await inbox.until(1)
        stored = await system.http.get("/api/v1/configs/c-orders")
        change = {"metric": {"limit": 40}}
        answer = await system.http.patch(
            "/api/v1/configs/c-orders", json=change, headers={"if-match": stored.headers["etag"]}
        )
        assert answer.is_success, answer.text
        await until(lambda: _logged(wrapper, "'c-orders': 40"))
        await order(system, "o2", 50)
        entries = await inbox.until(2)
    assert [entry["title"] for entry in entries] == ["Order o1 over 150", "Order o2 over 50"]


async def _logged(program: Program, text: str) -> bool:
    return text in program.log.read_text("utf-8")


async def test_nothing_is_lost_while_the_center_is_down_and_the_wrapper_is_killed(
    system: System, manifest: Path
) -> None:
    await prepare(system, after="1h")
    wrapper = await system.wrapper(manifest)
    await order(system, "before", 150)
    await until(lambda: _stored(system, 1))
    alone = "notice_center" in system.programs
    center = system.programs["notice_center" if alone else "up"]
    await center.kill()
    if alone:  # the others are up, so the alert goes on speaking, into the spool
        await _orders(system)
        await until(lambda: _spooled(system, 20))
    await wrapper.kill()
    await wrapper.start()
    await center.start()
    await system.ready()
    if not alone:
        await _orders(system)
    await until(lambda: _stored(system, 21))
    items = (await system.get("/api/v1/notices", limit=100))["items"]
    assert len({item["title"] for item in items}) == len(items) == 21
    assert {item["count"] for item in items} == {1}, "what was delivered twice was counted twice"


async def _orders(system: System) -> None:
    for number in range(20):
        await order(system, f"during-{number}", 200 + number)


async def _stored(system: System, count: int) -> bool:
    return len((await system.get("/api/v1/notices", limit=100))["items"]) >= count


async def _spooled(system: System, count: int) -> bool:
    """At least `count` notices are on the wrapper's disk and not yet at the center."""
    import contextlib
    import sqlite3

    waiting = 0
    for file in (system.directory / "wrapper").rglob("*.db"):
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            waiting += connection.execute("SELECT count(*) FROM pending").fetchone()[0]
    return waiting >= count
