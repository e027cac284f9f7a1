"""A real `notifier serve`, killed with -9 while events pour in; and the one internal of uvicorn that we lean on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from pathlib import Path

import httpx2
import pytest

from service_kit.serve import ConnectionInScope, listen, serving
from service_kit.settings import HttpSettings
from tests.fork_server import exit_of
from tests.notifier.conftest import BOOTSTRAP, Notifier, event, heard, say
from tests.services import service

HEADERS = {"authorization": f"Bearer {BOOTSTRAP}"}
TOPIC = "host.mount"


@pytest.mark.slow
async def test_killed_while_events_pour_in_it_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(9)
    acknowledged: list[str] = []
    heard_of: list[int] = []
    cursor = ""
    environment = {**os.environ, "ALERTWRAP_TOKEN": BOOTSTRAP, "ALERTWRAP_DATA": str(tmp_path)}
    for life in range(6):
        async with service("notifier", environment, tmp_path) as (process, url):
            port = port_of(url)
            follower = asyncio.create_task(follow(port, cursor, heard_of))
            writers = [asyncio.create_task(pour(port, f"{life}-{number}", acknowledged)) for number in range(4)]
            before = len(acknowledged)
            async with asyncio.timeout(40):
                while len(acknowledged) < before + 20 + chance.randrange(60):
                    await asyncio.sleep(0.002)
            process.kill()
            await asyncio.gather(*writers)
            cursor = await follower
    async with service("notifier", environment, tmp_path) as (process, url):
        port = port_of(url)
        async with Notifier(None, port).connect(max_size=None) as socket:  # type: ignore[arg-type]
            await say(socket, type="subscribe", topic=TOPIC, since=cursor)
            state = await _state(port)
            total = int(state["cursor"].rpartition(":")[2])
            while heard_of[-1] < total:
                heard_of.append(_offset(await heard(socket, "event")))
        process.terminate()
        assert await exit_of(process) == 0
    assert set(acknowledged) <= {item["key"] for item in state["items"]}
    assert len(state["items"]) == total, "nothing was stored twice"
    assert heard_of == list(range(heard_of[0], total + 1)), "the follower heard each event once, in order"


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


async def pour(port: int, name: str, acknowledged: list[str]) -> None:
    """Publish until the server dies; what was in flight then is sent again to nobody: it was not acknowledged."""
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=HEADERS, trust_env=False, timeout=40
    ) as http:
        for number in range(100_000):
            key = f"{name}-{number}"
            try:
                answer = await http.post("/api/v1/events", json=event(key, id=key))
            except httpx2.HTTPError:
                return
            assert answer.status_code == 202
            acknowledged.append(key)


async def follow(port: int, cursor: str, heard_of: list[int]) -> str:
    """Hear all until the server dies; returns the cursor to resume from."""
    with contextlib.suppress(Exception):
        async with Notifier(None, port).connect(max_size=None) as socket:  # type: ignore[arg-type]
            await say(socket, type="subscribe", topic=TOPIC, **({"since": cursor} if cursor else {}))
            while True:
                frame = await heard(socket, deadline=30)
                assert frame["type"] != "resync"
                if frame["type"] == "event":
                    heard_of.append(_offset(frame))
                cursor = frame.get("cursor", cursor)
    return cursor


async def test_the_transport_is_in_the_scope_and_takes_frames() -> None:
    """Guards the internal of uvicorn: its websocket protocol keeps the asyncio transport and the scope."""
    done = asyncio.Event()

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await receive()
        await send({"type": "websocket.accept"})
        transport = scope["extensions"]["alertwrap.connection"].transport
        assert isinstance(transport, asyncio.Transport)
        assert transport.get_write_buffer_size() == 0
        transport.write(b"\x81\x02hi")
        await send({"type": "websocket.send", "text": "from the server"})
        transport.write(b"\x81\x03you")
        await done.wait()

    http = HttpSettings(port=0)
    listener = listen(http)
    async with serving(app, listener), Notifier(None, listener.getsockname()[1]).connect() as socket:  # type: ignore[arg-type]
        assert [await socket.recv() for _ in range(3)] == ["hi", "from the server", "you"]
        await (await socket.ping())
        done.set()
    assert issubclass(ConnectionInScope, asyncio.Protocol)


async def _state(port: int) -> dict:  # type: ignore[type-arg]
    items, next_page = [], ""
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=HEADERS, trust_env=False, timeout=40
    ) as http:
        while next_page is not None:
            page = (await http.get(f"/api/v1/topics/{TOPIC}", params={"limit": 1000, "next": next_page})).json()
            items += page["items"]
            next_page = page["next"]
    return {**page, "items": items}


def _offset(frame: dict) -> int:  # type: ignore[type-arg]
    return int(frame["cursor"].rpartition(":")[2])
