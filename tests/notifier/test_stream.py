"""The stream: snapshot and then every change, resumed with no gap and no duplicate, and never a silent loss."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets

from notifier.retention import forget
from notifier.settings import NotifierSettings, Window
from service_kit.database import open_database
from tests.notifier.conftest import Notifier, between, close_code, event, heard, pump, running, say
from wire.times import utc_now

TOPIC = "host.mount"


async def test_a_subscription_is_the_state_and_then_every_change(notifier: Notifier) -> None:
    await notifier.publish(
        event("a"), event("b"), event("a", data={"used": 2}), event("b", action="deleted", data=None)
    )
    async with notifier.connect() as socket:
        ready = await heard(socket)
        await say(socket, type="subscribe", topic=TOPIC)
        snapshot = await heard(socket)
        assert [(item["key"], item["data"]) for item in snapshot["items"]] == [("a", {"used": 2})]
        assert (snapshot["cursor"], snapshot["more"]) == (f"{ready['epoch']}:4", False)
        await notifier.publish(event("c", at="2026-11-20T10:00:00Z"), event("x", topic="other"))
        await notifier.publish(event("a", action="deleted", data=None))
        assert await heard(socket) == {
            "type": "event", "topic": TOPIC, "key": "c", "action": "updated", "data": {"used": 1},
            "at": "2026-11-20T10:00:00.000000Z", "cursor": f"{ready['epoch']}:5",
        }  # fmt: skip
        gone = await heard(socket)
        assert (gone["key"], gone["action"], "data" in gone) == ("a", "deleted", False)


async def test_who_has_the_state_from_elsewhere_follows_from_now_and_resumes(notifier: Notifier) -> None:
    await notifier.publish(event("before"))
    async with notifier.connect() as socket:
        ready = await heard(socket)
        await say(socket, type="subscribe", topic=TOPIC, since="now")
        following = await heard(socket)
        assert following == {"type": "following", "topic": TOPIC, "cursor": f"{ready['epoch']}:1"}
        await notifier.publish(event("after"))
        assert (await heard(socket))["key"] == "after"
    await notifier.publish(event("while away"))
    async with notifier.connect() as socket:
        await heard(socket)
        await say(socket, type="subscribe", topic=TOPIC, since=following["cursor"])
        assert [(await heard(socket))["key"] for _ in range(2)] == ["after", "while away"]


async def test_a_large_state_comes_in_pages_that_add_up(notifier: Notifier) -> None:
    await notifier.publish(*(event(f"k{number:04}", data={"text": "x" * 2000}) for number in range(600)))
    async with notifier.connect(max_size=None) as socket:
        await say(socket, type="subscribe", topic=TOPIC)
        keys: list[str] = []
        more, pages = True, 0
        while more:
            page = await heard(socket, "snapshot")
            keys += [item["key"] for item in page["items"]]
            more, pages = page["more"], pages + 1
    assert keys == [f"k{number:04}" for number in range(600)]
    assert pages > 3


async def test_snapshots_taken_while_events_pour_in_have_no_gap_and_no_duplicate(notifier: Notifier) -> None:
    """Each follower replays its changes on its snapshot; the offsets prove that nothing was skipped or repeated."""
    stop = asyncio.Event()

    async def pour() -> int:
        number = 0
        while not stop.is_set():
            await notifier.publish(*(event(f"k{number + step}", data={"n": number + step}) for step in range(5)))
            number += 5
        return number

    async def follower() -> None:
        async with notifier.connect() as socket:
            await say(socket, type="subscribe", topic=TOPIC)
            snapshot = await heard(socket, "snapshot")
            held, at = len(snapshot["items"]), _offset(snapshot)
            while snapshot["more"]:
                snapshot = await heard(socket, "snapshot")
                held += len(snapshot["items"])
            assert held == at, "the snapshot holds exactly what its cursor says"
            for _ in range(20):
                frame = await heard(socket)
                assert _offset(frame) == at + 1
                at += 1

    pouring = asyncio.create_task(pour())
    for _ in range(10):
        await asyncio.gather(*(follower() for _ in range(5)))
    stop.set()
    assert await pouring > 0


async def test_what_a_snapshot_holds_is_not_told_again_though_it_was_stored_before_it_was_told(
    notifier: Notifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = asyncio.Event()

    async def late(*_: Any) -> None:
        await release.wait()

    monkeypatch.setattr("notifier.journal.Journal._tell_what_was_missed", late)
    async with notifier.connect() as socket, notifier.http() as http:
        publishing = asyncio.create_task(notifier.publish(event("a")))
        async with asyncio.timeout(40):
            while not (await http.get(f"/api/v1/topics/{TOPIC}")).json()["items"]:
                pass
        await say(socket, type="subscribe", topic=TOPIC)
        assert [item["key"] for item in (await heard(socket, "snapshot"))["items"]] == ["a"]
        release.set()
        await publishing
        await notifier.publish(event("b"))
        assert (await heard(socket))["key"] == "b"


@pytest.mark.parametrize("memory", ["ring", "journal"])
async def test_a_follower_cut_at_any_point_resumes_with_no_gap_and_no_duplicate(
    notifier: Notifier, memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy cuts after every count of bytes in turn, also inside of a frame, while events keep coming."""
    if memory == "journal":
        monkeypatch.setattr("notifier.hub._RING_ENTRIES", 3)
    chance = random.Random(4)
    got: list[int] = []
    published = 0
    async with notifier.connect() as socket:  # from here on every cut has a cursor to resume from
        await say(socket, type="subscribe", topic=TOPIC)
        cursor = (await heard(socket, "snapshot"))["cursor"]
    while published < 240:
        room = chance.randrange(1, 800)
        async with cut_after(notifier.port, room) as port:
            with contextlib.suppress(websockets.ConnectionClosed, websockets.InvalidMessage, OSError, EOFError):
                async with Notifier(notifier.app, port).connect(open_timeout=2) as socket:
                    await say(socket, type="subscribe", topic=TOPIC, since=cursor)
                    await notifier.publish(*(event(f"k{published + step}") for step in range(3)))
                    published += 3
                    while True:
                        frame = await heard(socket, deadline=0.2)
                        assert frame["type"] in ("ready", "event"), "a snapshot only at the start"
                        if frame["type"] == "event":
                            got.append(_offset(frame))
                            cursor = frame["cursor"]
    async with notifier.connect() as socket:
        await say(socket, type="subscribe", topic=TOPIC, since=cursor)
        while len(got) < published:
            got.append(_offset(await heard(socket, "event")))
    assert got == list(range(1, published + 1))


async def test_a_cursor_of_another_epoch_gets_a_resync_and_the_state(tmp_path: Path) -> None:
    async with running(tmp_path / "lost") as before, before.connect() as socket:
        await before.publish(event("a"))
        await say(socket, type="subscribe", topic=TOPIC)
        cursor = (await heard(socket, "snapshot"))["cursor"]
    async with running(tmp_path / "new") as after, after.connect() as socket:
        await after.publish(event("b"))
        await say(socket, type="subscribe", topic=TOPIC, since=cursor)
        assert await heard(socket, "resync") == {"type": "resync", "topic": TOPIC, "reason": "epoch"}
        assert [item["key"] for item in (await heard(socket))["items"]] == ["b"]
        await after.publish(event("c"))
        assert (await heard(socket))["key"] == "c"


async def test_the_epoch_and_the_cursor_survive_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as before, before.connect() as socket:
        await say(socket, type="subscribe", topic=TOPIC)
        cursor = (await heard(socket, "snapshot"))["cursor"]
        await before.publish(event("a"))
    async with running(tmp_path) as after, after.connect() as socket:
        await say(socket, type="subscribe", topic=TOPIC, since=cursor)
        assert (await heard(socket, "event"))["key"] == "a"


async def test_a_cursor_older_than_the_window_gets_a_resync(tmp_path: Path) -> None:
    async with running(tmp_path) as notifier, notifier.connect() as socket:
        await say(socket, type="subscribe", topic=TOPIC)
        cursor = (await heard(socket, "snapshot"))["cursor"]
        await notifier.publish(*(event(f"k{number}") for number in range(50)), event("x", topic="other"))
        kept = (await heard(socket))["cursor"], [await heard(socket) for _ in range(44)][-1]["cursor"]
    database = open_database(f"sqlite:///{tmp_path}/notifier.db", Path("notifier/migrations"))
    await forget(database, NotifierSettings(topics={TOPIC: Window(count=5)}), utc_now())
    await database.close()
    async with running(tmp_path) as notifier:
        for since, resumes in ((cursor, False), (kept[0], False), (kept[1], True)):
            async with notifier.connect() as socket:
                await say(socket, type="subscribe", topic=TOPIC, since=since)
                await heard(socket, "ready")
                frame = await heard(socket)
                assert frame.get("reason") == (None if resumes else "trimmed")
                if resumes:
                    assert [frame["key"]] + [(await heard(socket))["key"] for _ in range(4)] == [
                        f"k{number}" for number in range(45, 50)
                    ]
                else:
                    assert len((await heard(socket))["items"]) == 50


async def test_a_cursor_from_the_future_gets_a_resync(notifier: Notifier) -> None:
    async with notifier.connect() as socket:
        epoch = (await heard(socket))["epoch"]
        await say(socket, type="subscribe", topic=TOPIC, since=f"{epoch}:99")
        assert (await heard(socket))["reason"] == "unknown"
        assert (await heard(socket))["type"] == "snapshot"


async def test_where_shows_what_matches_and_tells_what_stops_matching(notifier: Notifier) -> None:
    await notifier.publish(event("a", data={"host": "x"}), event("b", data={"host": "y"}), event("c"))
    async with notifier.connect() as socket:
        await say(socket, type="subscribe", topic=TOPIC, where={"host": "x"})
        snapshot = await heard(socket, "snapshot")
        assert [item["key"] for item in snapshot["items"]] == ["a"]
        for data in ({"host": "x", "n": 1}, {"host": "y"}, {"host": "y"}, {"host": "y", "n": 2}, {"host": "x", "n": 3}):
            await notifier.publish(event("a", data=data))
        heard_of = [await heard(socket) for _ in range(3)]
        assert [(frame["action"], frame.get("data")) for frame in heard_of] == [
            ("updated", {"host": "x", "n": 1}), ("deleted", None), ("updated", {"host": "x", "n": 3}),
        ]  # fmt: skip
    async with notifier.connect() as socket:
        await say(socket, type="subscribe", topic=TOPIC, where={"host": "x"}, since=snapshot["cursor"])
        assert (await heard(socket, "event"))["data"] == {"host": "x", "n": 1}


async def test_where_tells_true_from_one(notifier: Notifier) -> None:
    await notifier.publish(event("a", data={"up": True}), event("b", data={"up": 1}))
    for value, key in ((True, "a"), (1, "b")):
        async with notifier.connect() as socket:
            await say(socket, type="subscribe", topic=TOPIC, where={"up": value})
            assert [item["key"] for item in (await heard(socket, "snapshot"))["items"]] == [key]


async def test_after_unsubscribe_nothing_more_is_told(notifier: Notifier) -> None:
    async with notifier.connect() as socket:
        await say(socket, type="subscribe", topic=TOPIC)
        await heard(socket, "snapshot")
        await say(socket, type="unsubscribe", topic=TOPIC)
        await say(socket, type="ping")
        assert (await heard(socket))["type"] == "pong"
        await notifier.publish(event("a"))
        await say(socket, type="ping")
        assert (await heard(socket))["type"] == "pong"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{oops", "malformed"), ("", "malformed"), ("[" * 10_000, "malformed"), ('{"type":NaN}', "malformed"),
        (b"\x00", "malformed"), ('{"type":"ping","a":"' + "x" * 70_000 + '"}', "malformed"),
        ("[]", "unknown-type"), ("1", "unknown-type"), ("{}", "unknown-type"), ('{"type":"dance"}', "unknown-type"),
        ('{"type":["ping"]}', "unknown-type"), ('{"type":"ping","more":1}', "invalid"),
        ('{"type":"subscribe"}', "invalid"), ('{"type":"subscribe","topic":"a b"}', "invalid"),
        ('{"type":"subscribe","topic":"t","since":"x"}', "invalid"),
        ('{"type":"subscribe","topic":"t","since":{"epoch":"x","offset":"y"}}', "invalid"),
        ('{"type":"subscribe","topic":"t","since":"e:99999999999999999999"}', "invalid"),
        ('{"type":"subscribe","topic":"t","where":{"a":[1]}}', "invalid"),
        ('{"type":"subscribe","topic":"t","where":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}}', "invalid"),
        ('{"type":"unsubscribe","topic":"never"}', "not-subscribed"),
    ],
)  # fmt: skip
async def test_a_bad_frame_is_answered_and_the_connection_stays(notifier: Notifier, text: Any, code: str) -> None:
    async with notifier.connect() as socket:
        await heard(socket, "ready")
        await socket.send(text)
        answer = await heard(socket)
        assert (answer["type"], answer["code"]) == ("error", code)
        assert answer["message"]
        await say(socket, type="ping")
        assert (await heard(socket))["type"] == "pong"


async def test_there_is_a_limit_of_subscriptions(notifier: Notifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifier.follow.MAX_SUBSCRIPTIONS", 2)
    async with notifier.connect() as socket:
        await heard(socket, "ready")
        for topic, kind in (("a", "snapshot"), ("b", "snapshot"), ("b", "snapshot"), ("c", "error")):
            await say(socket, type="subscribe", topic=topic)
            assert (await heard(socket))["type"] == kind


async def test_there_is_a_limit_of_followers(tmp_path: Path) -> None:
    async with running(tmp_path, followers=1) as notifier, notifier.connect() as first:
        await heard(first, "ready")
        async with notifier.connect() as second:
            assert await close_code(second) == 1013


async def test_an_inbox_snapshot_holds_the_newest_entries_and_old_ones_expire(tmp_path: Path) -> None:
    async with running(tmp_path, inbox_newest=3) as notifier:
        await notifier.publish(*(event(f"ann/{number}", topic="inbox") for number in range(9)))
        async with notifier.connect() as socket:
            await say(socket, type="subscribe", topic="inbox")
            snapshot = await heard(socket, "snapshot")
            assert [item["key"] for item in snapshot["items"]] == ["ann/8", "ann/7", "ann/6"]
            assert snapshot["more"] is False
    database = open_database(f"sqlite:///{tmp_path}/notifier.db", Path("notifier/migrations"))
    await forget(database, NotifierSettings(), utc_now() + timedelta(days=31))
    await database.close()
    async with running(tmp_path) as notifier, notifier.http() as http:
        assert (await http.get("/api/v1/topics/inbox")).json()["items"] == []


async def test_a_slow_follower_is_closed_and_resumes_while_the_others_go_on(notifier: Notifier) -> None:
    text = "x" * 20_000
    async with notifier.connect() as good, notifier.connect(max_queue=1) as slow:
        for socket in (good, slow):
            await say(socket, type="subscribe", topic=TOPIC)
        await heard(good, "snapshot")
        cursor = (await heard(slow, "snapshot"))["cursor"]
        slow.transport.pause_reading()
        published = 0
        while await notifier.followers() == 2 and published < 2000:
            await notifier.publish(*(event(f"k{published + step}", data={"text": text}) for step in range(10)))
            published += 10
            for _ in range(10):
                await heard(good, "event")
        assert published < 2000, "the slow one was let go"
        slow.transport.resume_reading()
        got = []
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                frame = await heard(slow)
                got.append(frame["key"])
                cursor = frame["cursor"]
        assert slow.close_code == 4008
    async with notifier.connect() as again:
        await say(again, type="subscribe", topic=TOPIC, since=cursor)
        while len(got) < published:
            got.append((await heard(again, "event"))["key"])
    assert got == [f"k{number}" for number in range(published)]


async def test_the_memory_of_a_dead_follower_is_freed(notifier: Notifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never reads again, not even the close frame."""
    monkeypatch.setattr("notifier.sockets._CLOSE_SECONDS", 0.1)
    async with notifier.connect(max_queue=1, close_timeout=0.1) as dead:
        await say(dead, type="subscribe", topic=TOPIC)
        await heard(dead, "snapshot")
        dead.transport.pause_reading()
        for _ in range(1000):
            if not await notifier.followers():
                break
            await notifier.publish(*(event("k", data={"text": "x" * 20_000}) for _ in range(20)))
        async with asyncio.timeout(40):
            while await notifier.followers():
                await asyncio.sleep(0.01)
        dead.transport.abort()


def _offset(frame: dict[str, Any]) -> int:
    return int(frame["cursor"].rpartition(":")[2])


@contextlib.asynccontextmanager
async def cut_after(port: int, room: int) -> AsyncIterator[int]:
    """A proxy before `port` that breaks the connection after `room` bytes from the server."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, up = await asyncio.open_connection("127.0.0.1", port)
        upward = asyncio.create_task(pump(reader, up))
        try:
            await pump(upstream, writer, room)
        finally:
            upward.cancel()
            await asyncio.gather(upward, return_exceptions=True)

    async with between(handle) as proxy:
        yield proxy
