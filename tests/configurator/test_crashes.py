"""kill -9 of a real `configurator serve` at each side of its durable steps: no change is half made or untold."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from service_kit.serve import listen, serving
from service_kit.settings import HttpSettings
from tests.configurator.conftest import BOOTSTRAP, RecordingNotifier
from tests.conftest import eventually
from tests.faults.harness import Fault
from tests.fork_server import Process, exit_of
from tests.services import service


@asynccontextmanager
async def served(
    database_url: str, notifier_url: str, directory: Path, deadly: str = ""
) -> AsyncIterator[tuple[httpx2.AsyncClient, Process]]:
    """(a client of a real configurator process, the process): it dies at the fault point `deadly`."""
    environment = {
        **os.environ,
        "ALERTWRAP_TOKEN": BOOTSTRAP,
        "ALERTWRAP_SERVER": notifier_url,
        "ALERTWRAP_CONFIGURATOR__DATABASE": database_url,
    }
    if deadly:
        environment = Fault(deadly, directory / "reached").environment(environment)
    headers = {"authorization": f"Bearer {BOOTSTRAP}"}
    async with (
        service("configurator", environment, directory) as (process, url),
        httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=40) as client,
    ):
        yield client, process


@asynccontextmanager
async def notifier_server() -> AsyncIterator[tuple[RecordingNotifier, str]]:
    notifier, listener = RecordingNotifier(), listen(HttpSettings(port=0))
    async with serving(notifier, listener):
        yield notifier, f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(("deadly", "survives"), [("configurator.changed", False), ("configurator.committed", True)])
async def test_a_deletion_is_whole_or_not_at_all(
    database_url: str, tmp_path: Path, deadly: str, survives: bool
) -> None:
    async with notifier_server() as (notifier, url):
        async with served(database_url, url, tmp_path) as (client, process):
            await client.post("/api/v1/configs", json={"id": "one", "name": "disk"})
            await eventually(lambda: "one" in notifier.state("config"))
            process.send_signal(signal.SIGTERM)
            assert await exit_of(process) == 0
        notifier.down = True  # a commit wakes who publishes: it must not be faster than the crash
        async with served(database_url, url, tmp_path, deadly) as (client, process):
            with pytest.raises(httpx2.TransportError):
                await client.delete("/api/v1/configs/one")
            assert await exit_of(process) == -signal.SIGKILL
        assert "one" in notifier.state("config"), "it was told before the crash: the crash shows nothing"
        notifier.down = False
        async with served(database_url, url, tmp_path) as (client, _):
            if survives:
                await eventually(lambda: notifier.state("config") == {})
            again = await client.delete("/api/v1/configs/one")
            assert again.status_code == (404 if survives else 204)
            await eventually(lambda: notifier.state("config") == {})
        deletions = [event for event in notifier.events if event["action"] == "deleted"]
        assert len(deletions) == 1


async def test_what_was_published_but_not_crossed_off_is_published_again_as_the_same(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path}/store.db"
    async with notifier_server() as (notifier, url):
        async with served(database_url, url, tmp_path, "outbox.published") as (client, process):
            with contextlib.suppress(httpx2.TransportError):  # it may die before its answer, or after
                await client.post("/api/v1/configs", json={"id": "one", "name": "disk"})
            assert await exit_of(process) == -signal.SIGKILL
        before = list(notifier.events)
        async with served(database_url, url, tmp_path) as (client, _):
            await client.post("/api/v1/configs", json={"id": "two", "name": "disk"})
            await eventually(lambda: "two" in notifier.state("config"))
        assert len(before) == 1
        assert [event["key"] for event in notifier.events] == ["one", "two"]
