"""A message sender that is paused between its claim and its work wakes up after another has taken over.

Two real processes share one PostgreSQL database. The first stops itself (SIGSTOP) right after its claim; its lease
lapses, the second sends; then the first goes on, and must not send. Without fencing it does.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.fakes.smtp import SmtpRecorder
from tests.faults.harness import Fault
from tests.story.system import BOOTSTRAP, Program, bearer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

_DEADLINE = 30.0


@pytest.fixture
def mail() -> Iterator[SmtpRecorder]:
    with SmtpRecorder() as server:
        yield server


@pytest.mark.parametrize("variant", [None, "claim_without_fencing"])
async def test_a_worker_that_was_paused_sends_only_when_fencing_is_broken(
    variant: str | None, tmp_path: Path, mail: SmtpRecorder, postgres_url: str
) -> None:
    fault = Fault("msg_sender.claimed", tmp_path / "reached", variant=variant, action="stop")
    first, port = _sender(tmp_path / "first", mail, postgres_url)
    await first.start(fault.environment({}))
    await _accepted(port)
    await _until(fault.reached.exists)
    second, _ = _sender(tmp_path / "second", mail, postgres_url)
    await second.start()
    try:
        await _until(lambda: len(mail.mails) == 1)
        before = _awake_marks(first)
        first.signal(signal.SIGCONT)
        await _until(lambda: _awake_marks(first) > before)
        await _quiet(mail)
    finally:
        await first.kill()
        await second.kill()
    assert (len(mail.mails) > 1) == (variant is not None)
    assert len({one.message["Message-ID"] for one in mail.mails}) == 1


def _sender(directory: Path, mail: SmtpRecorder, database: str) -> tuple[Program, int]:
    directory.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = {
        "ALERTWRAP_TOKEN": BOOTSTRAP,
        "ALERTWRAP_DATA": str(directory),
        "ALERTWRAP_MSG_SENDER__DATABASE": database,
        "ALERTWRAP_MSG_SENDER__LEASE": "2s",
        "ALERTWRAP_EMAIL__URL": mail.url,
        "ALERTWRAP_EMAIL__FROM": "alerts@example.org",
        "ALERTWRAP_SERVER": "http://127.0.0.1:9",
    }
    return Program("sender", "msg_sender", ["serve", "--port", str(port)], settings, directory), port


async def _accepted(port: int) -> None:
    message = {"id": "m1", "channel": "email", "to": "ann@example.org", "title": "Hello"}
    async with (
        httpx2.AsyncClient(headers=bearer(BOOTSTRAP), trust_env=False, timeout=40) as http,
        asyncio.timeout(_DEADLINE),
    ):
        while True:
            try:
                if (await http.post(f"http://127.0.0.1:{port}/api/v1/messages", json=message)).is_success:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0.05)


async def _until(condition: Any) -> None:
    async with asyncio.timeout(_DEADLINE):
        while not condition():
            await asyncio.sleep(0.05)


def _awake_marks(program: Program) -> int:
    """How often the process has been put on a processor: it grows once the process runs again."""
    return int(Path(f"/proc/{program.pid}/schedstat").read_text().split()[2])


async def _quiet(mail: SmtpRecorder) -> None:
    """Until a second mail came, or long enough for a worker that is awake to send what it believes to hold."""
    try:
        async with asyncio.timeout(3):
            while len(mail.mails) < 2:
                await asyncio.sleep(0.05)
    except TimeoutError:
        return
