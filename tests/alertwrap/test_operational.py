"""What the wrapper says of an alert: not too often, and taken back only where it was said."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alertwrap.log import Log
from alertwrap.run.operational import QUIET_SECONDS, Operational
from alertwrap.spool.spool import Spool


class Voice:
    """An Operational with a clock of its own, and what it has said."""

    def __init__(self, path: Path) -> None:
        self.now = 0.0
        self.spool = Spool(path)
        self.says = self.anew()

    def anew(self) -> Operational:
        """That of the next process on the same spool."""
        return Operational("probe", self.spool, Log(out=io.StringIO()), lambda: None, lambda: self.now)

    def said(self) -> list[dict[str, Any]]:
        return [json.loads(row.text) for row in self.spool.pending(100, 10**6)]

    def statuses(self) -> list[str]:
        return [notice["status"] for notice in self.said()]


@pytest.fixture
def voice(tmp_path: Path) -> Iterator[Voice]:
    made = Voice(tmp_path / "spool" / "a.db")
    yield made
    made.spool.close()


def test_the_same_within_a_minute_is_counted_and_not_said(voice: Voice) -> None:
    for _ in range(5):
        voice.says.say("dead_letter", "refused")
    voice.now = QUIET_SECONDS
    voice.says.say("dead_letter", "refused")
    assert [notice.get("data") for notice in voice.said()] == [None, {"more_since_last": 4}]
    assert {notice["key"] for notice in voice.said()} == {"probe/dead_letter"}


def test_what_is_urgent_is_said_at_once(voice: Voice) -> None:
    voice.says.say("crash_loop", "keeps crashing", at_once=True)
    voice.says.say("crash_loop", "keeps crashing", at_once=True)
    assert len(voice.said()) == 2


def test_only_who_heard_of_it_hears_that_it_is_over(voice: Voice) -> None:
    voice.says.over("stopped_reading", "there is room")
    assert voice.said() == []
    voice.says.say("stopped_reading", "no room")
    voice.says.over("stopped_reading", "there is room")
    voice.says.over("stopped_reading", "there is room")
    assert voice.statuses() == ["firing", "resolved"]


def test_the_next_process_takes_back_what_this_one_said(voice: Voice) -> None:
    voice.says.say("spool_80", "nearly full")
    voice.says.say("held", "waits", at_once=True)
    following = voice.anew()
    assert following.is_open("crash_loop"), "held, crash loop and recovered are one story"
    following.over("spool_80", "has room")
    assert voice.statuses() == ["firing", "firing", "resolved"]
    assert not voice.anew().is_open("spool_80")


def test_what_happens_once_is_never_open(voice: Voice) -> None:
    voice.says.say("dead_letter", "refused")
    assert not voice.says.is_open("dead_letter")
