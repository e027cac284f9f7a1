"""What the alert is told of the world, and in which order."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alertwrap.log import Log
from alertwrap.spool.spool import Spool
from alertwrap.stdin.feed import Feed
from alertwrap.stdin.notify_watcher import Following, NotifyWatcher
from alertwrap.stdin.world import Item, World
from notifier.frames import Change, Snapshot

TOPICS = ("config", "recipient", "vm")


def _never(_: tuple[str, ...]) -> Following:
    raise AssertionError("nothing is followed here")


class Told:
    """A world, what the notifier says of it, and the lines that come out at the alert's end."""

    def __init__(self, spool: Spool) -> None:
        self.world = World("probe", ["vm"])
        self._read, self._write = os.pipe()
        for fd in (self._read, self._write):
            os.set_blocking(fd, False)
        self.feed = Feed(self.world, lambda rev: {"type": "config", "rev": rev}, once=False, refused=lambda *_: None)
        self._watcher = NotifyWatcher(
            _never, self.world, spool, Log(level="error"),
            lambda items, resynced: self.feed.mark(items, resynced=resynced), Random(),
        )  # fmt: skip

    def snapshot(self, topic: str, epoch: str, **items: dict[str, Any]) -> None:
        self._watcher.take(Snapshot(topic, items, f"{epoch}:1"))

    def change(self, topic: str, key: str, data: dict[str, Any]) -> None:
        self._watcher.take(Change(topic, key, "updated", data, "e:2"))

    def lines(self) -> list[str]:
        self.feed.pump(self._write)
        try:
            return [json.loads(line)["type"] for line in os.read(self._read, 1 << 20).splitlines()]
        except BlockingIOError:
            return []

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    spool = Spool(tmp_path / "spool" / "a.db")
    made = Told(spool)
    yield made
    made.close()
    spool.close()


def test_synced_comes_once_behind_the_last_of_the_first_snapshots(told: Told) -> None:
    told.snapshot("config", "e")
    told.snapshot("vm", "e", a={"n": 1})
    assert told.lines() == ["config", "entity"]
    told.snapshot("recipient", "e", u1={"id": "u1"})
    assert told.lines() == ["recipient", "synced"]


@pytest.mark.parametrize("order", [TOPICS, ("vm", "recipient", "config"), ("recipient", "config", "vm")])
def test_after_a_lost_journal_synced_waits_for_every_topic(told: Told, order: tuple[str, ...]) -> None:
    for topic in TOPICS:
        told.snapshot(topic, "old")
    told.lines()
    for topic in order[:-1]:
        told.snapshot(topic, "new")
        assert "synced" not in told.lines(), f"{topic} is in, {order[-1]} is not"
    told.snapshot(order[-1], "new")
    assert told.lines()[-1] == "synced"


def test_a_synced_that_was_not_read_yet_does_not_stay_before_what_came_later(told: Told) -> None:
    for topic in TOPICS:
        told.snapshot(topic, "old")
    told.snapshot("vm", "new", a={"n": 1})
    assert told.lines() == ["config", "entity"]
    told.snapshot("config", "new")
    told.snapshot("recipient", "new")
    told.change("vm", "b", {"n": 2})
    assert told.lines() == ["entity", "synced"]


def test_of_ticks_at_most_one_waits(told: Told) -> None:
    assert told.lines() == ["config"]
    for second in range(5):
        told.feed.tick(f"12:00:0{second}")
    told.feed.pump(told._write)
    (tick,) = [json.loads(line) for line in os.read(told._read, 1 << 20).splitlines()]
    assert (tick["seq"], tick["scheduled"]) == (1, "12:00:04")


def test_how_long_a_config_is_unread_counts_from_the_oldest(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def change() -> None:
        told.feed.mark([Item("config")])
        told.feed.pump(told._write)

    told.feed.pump(told._write)
    first = len(os.read(told._read, 1 << 20))
    assert told.feed.config_unread_since(0) is None
    for now in (10.0, 20.0, 30.0):
        monkeypatch.setattr("alertwrap.stdin.feed.time.monotonic", lambda now=now: now)
        change()
    assert told.feed.config_unread_since(told.feed.taken(first)) == 10.0
    assert told.feed.config_unread_since(len(b'{"type":"config","rev":4}\n')) == 30.0
    assert told.feed.config_unread_since(0) is None
    told.feed.mark([Item("config")])
    assert told.feed.config_unread_since(0) == 30.0
