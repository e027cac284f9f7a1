"""One process of the chain is killed with SIGKILL at each named point, in the middle of the story. Nothing is lost.

All in one process on SQLite; and each service alone on PostgreSQL, where the others go on while one is away.

Orders are published; an alert says something about each; its notices are stored, and mailed a second later. Whatever
the point, afterwards every notice is stored once, counted once and mailed; a mail may come twice only where the
mail server took it and we died before writing that down, and then with the same Message-ID.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.fakes.smtp import SmtpRecorder
from tests.faults.harness import Fault, points
from tests.story.system import Program, System, five_processes, one_process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WATCH = Path(__file__).parents[1] / "story" / "watch.py"
ORDERS = 6
_DEADLINE = 80.0

#: Which process dies at which point. The configurator's own points are tested with it.
OF_THE_WRAPPER = sorted(points("alertwrap"))
OF_THE_SERVICES = sorted(points("notice_center") | points("msg_sender") | points("notifier") | {"outbox.published"})
#: On PostgreSQL, one for each thing that a process does; the other points are swept on it where each is tested alone.
OF_FIVE = {
    "spool.after_commit": "wrapper", "notifier.after-commit": "notifier", "intake.inserted": "notice_center",
    "fold.written": "notice_center", "forward.handed_over": "notice_center", "outbox.published": "notice_center",
    "msg_sender.accepted": "msg_sender", "msg_sender.answered": "msg_sender",
}  # fmt: skip
#: The mail server may have a mail that we have not written down: this one, or another that is on its way just then.
MAY_REPEAT = points("msg_sender")


@dataclass
class Ledger:
    """What the far end saw and what the center holds, after the dust has settled."""

    titles: list[str]
    counts: list[int]
    mails: Counter[str]

    def complaints(self, expected: set[str], may_repeat: bool) -> list[str]:
        found = [f"lost: {title}" for title in sorted(expected - set(self.titles))]
        found += [f"stored twice: {title}" for title, times in Counter(self.titles).items() if times > 1]
        found += [f"counted {count} times" for count in self.counts if count != 1]
        found += [f"not mailed: {title}" for title in sorted(expected - {_title(key) for key in self.mails})]
        for key, times in self.mails.items():
            if times > 1 + may_repeat:
                found.append(f"mailed {times} times: {key}")
        if len(self.mails) > len(expected):
            found.append(f"mailed under several ids: {sorted(self.mails)}")
        return found


def _title(key: str) -> str:
    return key.partition("|")[2]


@pytest.fixture
def mail() -> Iterator[SmtpRecorder]:
    with SmtpRecorder() as server:
        yield server


@asynccontextmanager
async def running(
    directory: Path, mail: SmtpRecorder, at_first: dict[str, dict[str, str]], postgres: str | None
) -> AsyncIterator[System]:
    """`at_first`: the environment that a process has until it is started again."""
    settings = {
        "ALERTWRAP_EMAIL__URL": mail.url,
        "ALERTWRAP_EMAIL__FROM": "alerts@example.org",
        "ALERTWRAP_MSG_SENDER__LEASE": "2s",
    }
    if postgres is None:
        opened = one_process(directory, settings, at_first.get("up"))
    else:
        opened = five_processes(directory, settings, postgres, at_first)
    async with opened as system:
        ann = {"id": "ann", "addresses": {"email": "ann@example.org"}}
        channel = {"panel": {"recipients": ["ann"]}, "email": {"recipients": ["ann"], "after": "1s"}}
        await system.post("/api/v1/recipients", ann)
        await system.post("/api/v1/configs", {"id": "c", "name": "orders", "channel": channel})
        yield system


async def survive(
    directory: Path, mail: SmtpRecorder, fault: Fault, environment: dict[str, str], deadline: float = _DEADLINE,
    postgres: str | None = None,
) -> list[str]:  # fmt: skip
    """Run the story with `fault` in it; returns what is wrong `deadline` seconds afterwards. The variant stays after
    the restart. With `postgres` in five processes."""
    manifest = directory / "watch.toml"
    manifest.write_text(f'name = "orders"\ncommand = ["{sys.executable}", "{WATCH}"]\nwatch = ["shop.order"]\n')
    victim = "wrapper" if fault.point in OF_THE_WRAPPER else OF_FIVE[fault.point] if postgres else "up"
    with_fault = {**fault.environment({}), **environment}
    async with running(directory, mail, {victim: with_fault}, postgres) as system:
        await system.wrapper(manifest, with_fault if victim == "wrapper" else {})
        await _publish(system, 0)
        await _until(lambda: _stored(system, 1))
        fault.arm()
        publishing = asyncio.create_task(_publish_rest(system))
        await _until(lambda: _exists(fault.reached))
        await _restart(system.programs[victim], environment)
        await publishing
        return await _settle(system, mail, fault.point in MAY_REPEAT, deadline)


async def _settle(system: System, mail: SmtpRecorder, may_repeat: bool, deadline: float) -> list[str]:
    """Wait until all is well, or, when it does not come to that, say what is wrong."""
    expected = {f"Order o{number} over {100 + number}" for number in range(1, ORDERS + 1)}
    complaints: list[str] = ["nothing was looked at"]
    try:
        async with asyncio.timeout(deadline):
            while complaints:
                await asyncio.sleep(0.1)
                complaints = (await _ledger(system, mail)).complaints(expected, may_repeat)
    except TimeoutError:
        return complaints
    await _until(lambda: _all_sent(system))
    return (await _ledger(system, mail)).complaints(expected, may_repeat)


async def _ledger(system: System, mail: SmtpRecorder) -> Ledger:
    items = await _ask(system, "/api/v1/notices")
    mails = Counter(f"{one.message['Message-ID']}|{_subject(one.subject)}" for one in mail.mails)
    return Ledger([item["title"] for item in items], [item["count"] for item in items], mails)


def _subject(subject: str) -> str:
    return subject[subject.index("Order") :]


async def _ask(system: System, path: str) -> list[dict[str, Any]]:
    try:
        response = await system.http.get(path, params={"limit": 100})
        return list(response.json()["items"]) if response.is_success else []
    except httpx2.HTTPError:
        return []


async def _publish_rest(system: System) -> None:
    for number in range(1, ORDERS):
        await _publish(system, number)


async def _publish(system: System, number: int) -> None:
    """As a panel's back end does: the same event, with the same id, until it is taken."""
    event = {"id": f"event-{number}", "topic": "shop.order", "key": f"o{number + 1}", "data": {"amount": 101 + number}}
    async with asyncio.timeout(_DEADLINE):
        while True:
            try:
                if (await system.http.post("/api/v1/events", json=event)).is_success:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(0.05)


async def _restart(program: Program, environment: dict[str, str]) -> None:
    if program.running:
        await program.kill()
    await program.start(environment)


async def _stored(system: System, count: int) -> bool:
    return len(await _ask(system, "/api/v1/notices")) >= count


async def _all_sent(system: System) -> bool:
    messages = await _ask(system, "/api/v1/messages")
    return len(messages) == ORDERS and all(message["status"] == "sent" for message in messages)


async def _exists(file: Path) -> bool:
    return file.exists()


async def _until(question: Any) -> None:
    async with asyncio.timeout(_DEADLINE):
        while not await question():
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("point", OF_THE_WRAPPER + OF_THE_SERVICES)
async def test_a_process_that_is_killed_at_this_point_loses_nothing(
    point: str, tmp_path: Path, mail: SmtpRecorder
) -> None:
    fault = Fault(point, tmp_path / "reached", armed=tmp_path / "armed")
    assert await survive(tmp_path, mail, fault, {}) == []


@pytest.mark.timeout(400)
@pytest.mark.parametrize("point", OF_FIVE)
async def test_one_of_five_processes_that_is_killed_loses_nothing(
    point: str, tmp_path: Path, mail: SmtpRecorder, postgres_url: str
) -> None:
    """A step that a dead center held waits for its lease of half a minute, since there could be another center."""
    fault = Fault(point, tmp_path / "reached", armed=tmp_path / "armed")
    assert await survive(tmp_path, mail, fault, {}, 2 * _DEADLINE, postgres_url) == []


@pytest.mark.parametrize(
    ("variant", "point", "complaint"),
    [
        ("answer_before_commit", "intake.validated", "lost: "),
        ("no_idempotency_key", "intake.committed", "counted 2 times"),
    ],
)
async def test_a_variant_that_is_broken_on_purpose_is_caught(
    variant: str, point: str, complaint: str, tmp_path: Path, mail: SmtpRecorder
) -> None:
    """The check is worth what it catches: without the law in question, it must complain."""
    fault = Fault(point, tmp_path / "reached", armed=tmp_path / "armed", variant=variant)
    complaints = await survive(tmp_path, mail, fault, fault.site({}) | {"FAULT_VARIANT": variant}, deadline=8.0)
    assert any(one.startswith(complaint) for one in complaints), complaints


def test_every_point_of_the_chain_is_swept() -> None:
    here = set(OF_THE_WRAPPER) | set(OF_THE_SERVICES)
    elsewhere = points("configurator") | {"egress.connected"}
    everywhere = {name for package in ("alertwrap", "notice_center", "msg_sender", "notifier", "configurator",
                                       "service_kit") for name in points(package)}  # fmt: skip
    assert everywhere == here | elsewhere
