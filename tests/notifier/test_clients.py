"""Both clients: they resume by themselves, over a real server, in this process, and through a restart."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import notifier.app
from notifier.client import EventsRefused, NotifierClient, PublishFailed
from notifier.frames import Change, Feed, Refused, Snapshot, pause
from notifier.settings import Settings as NotifierSettings
from notifier.sync_client import Follower
from service_kit.peer import Peer, Peers
from service_kit.secrets import Secret
from service_kit.settings import Common, HttpSettings
from service_kit.tasks import Tasks
from tests.notifier.conftest import BOOTSTRAP, Notifier, between, event, pump, running
from wire.event import Event

TOPIC = "host.mount"


@pytest.fixture(params=["over the network", "in this process"])
async def client(request: pytest.FixtureRequest, notifier: Notifier) -> AsyncIterator[NotifierClient]:
    opened = NotifierClient(notifier.peer(in_process=request.param == "in this process"))
    yield opened
    await opened.close()


async def test_publish_and_follow(client: NotifierClient) -> None:
    await client.publish([Event(id="e1", topic=TOPIC, key="a", data={"used": 1})])
    stream = client.follow(TOPIC)
    first = await anext(stream)
    assert isinstance(first, Snapshot)
    assert first.items == {"a": {"used": 1}}
    await client.publish([Event(topic=TOPIC, key="b"), Event(topic=TOPIC, key="a", action="deleted")])
    changes = [await anext(stream), await anext(stream)]
    assert [(change.key, change.action, change.data) for change in changes if isinstance(change, Change)] == [
        ("b", "updated", None),
        ("a", "deleted", None),
    ]
    await stream.aclose()  # type: ignore[attr-defined]


async def test_publishing_twice_is_harmless_and_a_conflict_is_said(client: NotifierClient) -> None:
    same = Event(id="e1", topic=TOPIC, key="a", data={"used": 1})
    await client.publish([same])
    await client.publish([same])
    with pytest.raises(PublishFailed, match="conflict"):
        await client.publish([same.model_copy(update={"data": {"used": 2}})])


async def test_one_that_is_never_taken_costs_only_itself(client: NotifierClient) -> None:
    big = Event(topic=TOPIC, key="big", data={"text": "x" * 1024 * 1024})
    with pytest.raises(EventsRefused) as caught:
        await client.publish([Event(topic=TOPIC, key="a"), big, Event(topic=TOPIC, key="b")])
    assert list(caught.value.reasons) == [1]
    stream = client.follow(TOPIC)
    first = await anext(stream)
    assert isinstance(first, Snapshot)
    assert set(first.items) == {"a", "b"}
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_notifier_that_takes_less_at_once_gets_less_at_once(tmp_path: Path) -> None:
    common = Common(token=Secret(BOOTSTRAP), data=tmp_path, http=HttpSettings(max_batch=10_000))
    tasks = Tasks()
    opened = notifier.app.open_app(NotifierSettings(), common, Peers("http://test", Secret(BOOTSTRAP), {}), tasks)
    async with opened as app:
        client = NotifierClient(Peer("http://test", Secret(BOOTSTRAP), app))
        events = [Event(topic=TOPIC, key=f"k{number}", data={"text": "x" * 3_000}) for number in range(20)]
        events[7] = Event(topic=TOPIC, key="big", data={"text": "x" * 20_000})
        with pytest.raises(EventsRefused) as caught:
            await client.publish(events)
        assert list(caught.value.reasons) == [7]
        async with Notifier(app, 0).http() as http:
            found = (await http.get(f"/api/v1/topics/{TOPIC}")).json()["items"]
        assert len(found) == 19
        await client.close()
        await tasks.close()


async def test_thousands_of_events_arrive_in_order_at_a_follower_that_takes_its_time(client: NotifierClient) -> None:
    stream = client.follow(TOPIC)
    await anext(stream)
    await client.publish([Event(topic=TOPIC, key=f"k{number}", data={"n": number}) for number in range(3000)])
    keys = []
    while len(keys) < 3000:
        value = await anext(stream)
        assert isinstance(value, Change)
        keys.append(value.key)
        if len(keys) % 500 == 0:
            await asyncio.sleep(0.05)
    assert keys == [f"k{number}" for number in range(3000)]
    await stream.aclose()  # type: ignore[attr-defined]


async def test_the_async_client_follows_through_a_restart(tmp_path: Path, free_port: int) -> None:
    async with running(tmp_path, free_port) as first:
        client = NotifierClient(first.peer())
        stream = client.follow(TOPIC)
        assert isinstance(await anext(stream), Snapshot)
        await first.publish(event("a"))
        assert (await anext(stream)).key == "a"  # type: ignore[union-attr]
        await first.publish(event("b"))
    async with running(tmp_path, free_port) as second:
        await second.publish(event("c"))
        assert [(await anext(stream)).key for _ in range(2)] == ["b", "c"]  # type: ignore[union-attr]
    async with running(tmp_path / "lost", free_port) as third:
        await third.publish(event("z"))
        fresh = await anext(stream)
        while not isinstance(fresh, Snapshot) or "z" not in fresh.items:
            fresh = await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    await client.close()


async def test_the_sync_client_follows_several_topics_through_a_restart(tmp_path: Path, free_port: int) -> None:
    follower = Follower(f"http://127.0.0.1:{free_port}", BOOTSTRAP, [TOPIC, "config"])
    values = iter(follower)
    async with running(tmp_path, free_port) as first:
        await first.publish(event("a"))
        snapshots = [await _next(values), await _next(values)]
        assert {value.topic: set(value.items) for value in snapshots if isinstance(value, Snapshot)} == {
            TOPIC: {"a"},
            "config": set(),
        }
        await first.publish(event("c1", topic="config"))
        assert (await _next(values)).topic == "config"
    async with running(tmp_path, free_port) as second:
        await second.publish(event("b"), event("c2", topic="config"))
        assert [(await _next(values)).key for _ in range(2)] == ["b", "c2"]  # type: ignore[union-attr]
        await second.grant("other", "events:read")
    follower.stop()
    assert await asyncio.to_thread(next, values, None) is None


async def test_the_sync_client_stops_while_it_waits(notifier: Notifier) -> None:
    follower = Follower(notifier.url, BOOTSTRAP, [TOPIC])
    heard: list[object] = []
    first = threading.Event()

    def listen() -> None:
        for value in follower:
            heard.append(value)
            first.set()

    thread = threading.Thread(target=listen)
    thread.start()
    await asyncio.to_thread(first.wait, 5)
    follower.stop()
    await asyncio.to_thread(thread.join, 5)
    assert not thread.is_alive()
    assert len(heard) == 1


async def test_a_forbidden_topic_does_not_stop_the_others(notifier: Notifier) -> None:
    await notifier.grant("reader", "events:read")
    follower = Follower(notifier.url, "reader", ["config", TOPIC])
    value = await _next(iter(follower))
    assert value.topic == TOPIC
    follower.stop()


async def test_a_silent_connection_is_given_up(notifier: Notifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network swallows everything after the first snapshot, as a firewall that forgot the connection does."""
    monkeypatch.setattr("notifier.client.IDLE_SECONDS", 0.1)
    monkeypatch.setattr("notifier.sync_client.IDLE_SECONDS", 0.1)
    connections = 0

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if connections % 2 == 0:
            upstream, up = await asyncio.open_connection("127.0.0.1", notifier.port)
            await asyncio.gather(pump(reader, up), pump(upstream, writer), return_exceptions=True)
        else:
            writer.write(await _handshake(reader))
            await reader.read(-1)

    async with between(swallow) as port:
        client = NotifierClient(Notifier(notifier.app, port).peer())
        stream = client.follow(TOPIC)
        async with asyncio.timeout(40):
            assert isinstance(await anext(stream), Snapshot)
        await stream.aclose()  # type: ignore[attr-defined]
        await client.close()
        connections = 0
        follower = Follower(f"http://127.0.0.1:{port}", BOOTSTRAP, [TOPIC])
        values = iter(follower)
        assert isinstance(await _next(values), Snapshot)
        follower.stop()
        assert await asyncio.to_thread(next, values, None) is None
        assert connections == 2


def test_the_sync_client_is_light() -> None:
    code = "import sys, notifier.sync_client; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"httpx2", "websockets", "fastapi", "sqlalchemy", "structlog", "pydantic"} & set(loaded) == set()


def test_pages_of_a_snapshot_that_was_cut_off_are_forgotten() -> None:
    feed = Feed("t")
    page = {"type": "snapshot", "topic": "t", "items": [{"key": "old", "data": None}], "cursor": "e:1", "more": True}
    assert feed.take(page) is None
    assert feed.subscribe() == '{"type": "subscribe", "topic": "t"}'
    last = {**page, "items": [{"key": "new", "data": {"a": 1}}], "cursor": "e:2", "more": False}
    assert feed.take(last) == Snapshot("t", {"new": {"a": 1}}, "e:2")


def test_what_was_heard_before_is_not_heard_again() -> None:
    feed = Feed("t", cursor="e:5")
    frame = {"type": "event", "topic": "t", "key": "k", "action": "updated", "cursor": "e:5"}
    assert feed.take(frame) is None
    assert feed.take({**frame, "cursor": "e:6"}) == Change("t", "k", "updated", None, "e:6")
    assert feed.take({"type": "resync", "topic": "t", "reason": "epoch"}) is None
    assert "since" not in feed.subscribe()
    with pytest.raises(Refused, match="forbidden"):
        feed.take({"type": "error", "topic": "t", "code": "forbidden", "message": "no"})


def test_pauses_grow_and_are_spread_and_bounded() -> None:
    longest = [pause(failures, lambda: 1.0) for failures in range(100)]
    assert longest == sorted(longest)
    assert longest[-1] == 30
    assert pause(99, lambda: 0.0) == 0


async def _next(values: Iterator[Snapshot | Change]) -> Snapshot | Change:
    async with asyncio.timeout(40):
        return await asyncio.to_thread(next, values)


async def _handshake(reader: asyncio.StreamReader) -> bytes:
    from websockets.utils import accept_key

    request = await reader.readuntil(b"\r\n\r\n")
    key = next(line.split(b": ")[1] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    accept = accept_key(key.decode())
    lines = ["HTTP/1.1 101 Go", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}", "", ""]
    return "\r\n".join(lines).encode()
