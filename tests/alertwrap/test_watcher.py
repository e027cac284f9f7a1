"""The AlertWatcher on pipes of its own: whatever stands in them is accepted, at the end too and when room is scarce."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alertwrap.log import Log
from alertwrap.run.conversation import Conversation
from alertwrap.run.operational import NAME, Operational
from alertwrap.spool.spool import Spool
from alertwrap.status.health import Health
from alertwrap.stdout.alert_watcher import AlertWatcher
from alertwrap.stdout.hearing import Ears


class Watched:
    """A watcher in a thread, the far ends of its pipes, and its spool."""

    def __init__(self, path: Path) -> None:
        self.out = io.StringIO()
        self.spool = Spool(path)
        log = Log(as_json=False, level="debug", out=self.out)
        operational = Operational("probe", self.spool, log, lambda: None, lambda: 0.0)
        ears = Ears("probe", False, self.spool, log, operational, lambda: None, lambda: None, Health(), lambda _: None)
        stdout, self.stdout = os.pipe()
        stderr, self.stderr = os.pipe()
        for fd in (stdout, stderr):
            os.set_blocking(fd, False)
        self.watcher = AlertWatcher(ears, Conversation(lambda _: None, lambda: None), stdout, stderr)
        self.thread = threading.Thread(target=self.watcher.run, daemon=True)

    def say(self, *lines: str) -> None:
        os.write(self.stdout, "".join(line + "\n" for line in lines).encode())

    def end(self) -> None:
        os.close(self.stdout)
        os.close(self.stderr)

    def titles(self) -> list[str]:
        said = (json.loads(row.text) for row in self.spool.pending(10_000, 10**9))
        return [notice["title"] for notice in said if notice["alert"] != NAME]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path / "spool" / "probe.db")
    yield made
    made.watcher.finish(abandon=True)
    if made.thread.ident is not None:
        made.thread.join(5)
    made.spool.close()


@pytest.mark.parametrize("kind", ["[1]", "{}", "7", '{"a":1}', "true", '"else"'])
def test_whatever_stands_in_type_stops_nothing(watched: Watched, kind: str) -> None:
    watched.say(f'{{"type":{kind},"title":"odd"}}', '{"title":"good"}')
    watched.end()
    watched.watcher.run()
    assert watched.titles()[-1] == "good"


def test_no_type_may_also_be_said_as_null(watched: Watched) -> None:
    watched.say('{"type":null,"title":"said"}')
    watched.end()
    watched.watcher.run()
    assert watched.titles() == ["said"]


def test_what_was_said_last_waits_for_room_too(watched: Watched) -> None:
    free, watched.spool.quota = watched.spool.quota, 0
    os.write(watched.stdout, b'{"title":"without a newline"}')
    watched.end()
    watched.thread.start()
    eventually(lambda: "is full" in watched.out.getvalue())
    watched.watcher.finish()
    watched.thread.join(1.2)  # longer than a grandchild may hold the pipe
    assert watched.thread.is_alive(), "it must wait for room: nobody told it to go"
    watched.spool.quota = free
    watched.thread.join(5)
    assert watched.titles() == ["without a newline"]


def test_who_must_go_does_not_wait_for_room(watched: Watched) -> None:
    watched.spool.quota = 0
    watched.say('{"title":"last"}')
    watched.end()
    watched.thread.start()
    eventually(lambda: "is full" in watched.out.getvalue())
    watched.watcher.finish(abandon=True)
    watched.thread.join(5)
    assert not watched.thread.is_alive()
    assert "lines were not accepted" in watched.out.getvalue()


def eventually(condition: Callable[[], object], deadline: float = 40.0) -> None:
    until = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
