"""kill -9 of a real `notice-center serve` at each side of its durable steps: what was acknowledged is there, once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from notice_center.app import MIGRATIONS
from notice_center.tables import step
from service_kit.database import open_database
from service_kit.serve import listen, serving
from service_kit.settings import HttpSettings
from tests.faults.harness import Fault, points
from tests.fork_server import Process, exit_of
from tests.notice_center.conftest import BOOTSTRAP, INBOX, NOTICES, Town, get
from tests.services import service

POINTS = sorted(points("notice_center") | {"outbox.published"})
#: Each point on each database; the pass that kills is the first here, and one in the midst of the work there.
ROUNDS = [
    (point, nth, database)
    for number, point in enumerate(POINTS)
    for nth, database in zip((1, 2), ("sqlite", "postgres")[:: -1 if number % 2 else 1], strict=True)
]


@asynccontextmanager
async def serve(environment: Mapping[str, str], directory: Path) -> AsyncIterator[tuple[httpx2.AsyncClient, Process]]:
    headers = {"authorization": f"Bearer {BOOTSTRAP}"}
    async with (
        service("notice_center", environment, directory) as (process, url),
        httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=40) as client,
    ):
        yield client, process


async def say(client: httpx2.AsyncClient, number: int) -> bool:
    """Post notice number so-and-so; whether it was acknowledged."""
    notice = {"id": f"n{number}", "alert": "disk", "title": f"t{number}"}
    try:
        return (await client.post(NOTICES, json=notice)).status_code == 202
    except httpx2.HTTPError:
        return False


@pytest.mark.parametrize(("point", "nth", "database_url"), ROUNDS, indirect=["database_url"])
async def test_what_was_acknowledged_survives_a_kill(
    town: Town, database_url: str, tmp_path: Path, point: str, nth: int
) -> None:
    await town.recipient("u1", email="u1@x.test")
    await town.config("c1", {"email": {"recipients": ["u1"], "after": "0"}})
    listener = listen(HttpSettings(port=0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    environment = {
        **os.environ, "ALERTWRAP_TOKEN": BOOTSTRAP, "ALERTWRAP_SERVER": url, "ALERTWRAP_DATA": str(tmp_path / "data"),
        "ALERTWRAP_NOTICE_CENTER__DATABASE": database_url,
    }  # fmt: skip
    fault = Fault(point, tmp_path / "reached", nth)
    async with serving(town, listener):
        acknowledged = []
        async with serve(fault.environment(environment), tmp_path) as (client, process):
            for number in range(6):
                acknowledged += [number] if await say(client, number) else []
                await asyncio.sleep(0.02)
            assert await exit_of(process) == -signal.SIGKILL, f"{point} was not reached"
        assert fault.reached.exists()
        await _let_leases_lapse(database_url)
        async with serve(environment, tmp_path) as (client, _):
            stored = {one["id"] for one in (await _all(client, 0))}
            assert {f"n{number}" for number in acknowledged} <= stored, "acknowledged and lost"
            for number in range(6):
                assert await say(client, number), "the producer repeats what it does not know of"
            items = await _all(client, 6)
            assert sorted(one["id"] for one in items) == [f"n{number}" for number in range(6)]
            await _sent(town, 6)
            for number in range(6):
                trail = await get(client, f"{NOTICES}/n{number}/trail")
                assert len(trail["emissions"]) == 1
                assert len(trail["recipients"]) == 1


async def _all(client: httpx2.AsyncClient, least: int) -> list[dict[str, Any]]:
    """The inbox of u1 when everything that is stored has been folded, with at least so many entries."""
    async with asyncio.timeout(40):
        while (await client.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.02)
        while True:
            items: list[dict[str, Any]] = (await get(client, INBOX, recipient="u1"))["items"]
            if len(items) >= least:
                return items


async def _let_leases_lapse(database_url: str) -> None:
    """As if half a minute had passed."""
    database = open_database(database_url, MIGRATIONS)
    with database.engine.begin() as connection:
        connection.execute(step.update().where(step.c.state == "pending").values(wake_at=datetime.now(UTC)))
    await database.close()


async def _sent(town: Town, count: int) -> None:
    """Each notice is with the message sender, once: a step whose worker died is claimed again after its lease."""
    async with asyncio.timeout(40):
        while len(town.sender.messages) < count:
            await asyncio.sleep(0.05)
    assert sorted(one["notice"] for one in town.sender.messages.values()) == [f"n{number}" for number in range(count)]
