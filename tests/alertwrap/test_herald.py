"""What is published of the alerts holds for a while only: whoever is killed cannot take it back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alertwrap.delivery.post import Answer
from alertwrap.log import Log
from alertwrap.status import herald as herald_module
from alertwrap.status.herald import LIFETIME_SECONDS, REFRESH_SECONDS, Herald
from alertwrap.status.published import Published
from alertwrap.status.report import Report


class Notifier:
    """Keeps the latest of each key, as the real one does; `answer` may refuse."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[str, Any]] = {}
        self.events = 0
        self.answer = Answer(202, None, b"{}")

    def post(self, body: bytes) -> Answer:
        if self.answer.status != 202:
            return self.answer
        for line in body.split(b"\n"):
            event = json.loads(line)
            self.events += 1
            if event.get("action") == "deleted":
                self.entities.pop(event["key"], None)
            else:
                self.entities[event["key"]] = event["data"]
        return self.answer

    def end_by(self, at: float) -> None: ...

    def close(self) -> None: ...


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(herald_module, "time", made)
    return made


Process = Callable[..., tuple[Herald, dict[str, Report]]]


@pytest.fixture
def process(tmp_path: Path, clock: Clock, notifier: Notifier) -> Process:
    """A process on the data directory: its herald, and the reports of its alerts, to be changed."""

    def start(*alerts: str, others: tuple[str, ...] = ()) -> tuple[Herald, dict[str, Report]]:
        reports = {name: report(name) for name in alerts}
        known = Published(tmp_path / "published", lambda name: name not in others)
        return Herald(notifier, lambda: reports, known, Log(level="error"), Random()), reports

    return start


@pytest.fixture
def notifier() -> Notifier:
    return Notifier()


def report(name: str, state: Any = "RUNNING") -> Report:
    return Report(
        name, state, "2026-11-21T00:00:00Z", False, 1, 7, 0, 0, 0, 0, None, 0, 0.0, "", None, "", 0, {},
    )  # fmt: skip


def test_what_does_not_change_is_said_again_before_it_lapses(
    process: Process, notifier: Notifier, clock: Clock
) -> None:
    herald, _ = process("a")
    herald._publish()
    herald._publish()
    assert notifier.events == 1
    clock.now += REFRESH_SECONDS
    herald._publish()
    assert notifier.events == 2
    expires = datetime.fromisoformat(notifier.entities["a"]["expires_at"])
    assert 0 < (expires - datetime.now(UTC)).total_seconds() <= LIFETIME_SECONDS
    assert LIFETIME_SECONDS > 2 * REFRESH_SECONDS


def test_what_has_stopped_stays_so(process: Process, notifier: Notifier) -> None:
    herald, reports = process("a")
    reports["a"] = report("a", "STOPPED")
    herald._publish()
    assert notifier.entities["a"]["expires_at"] is None


def test_what_a_killed_process_has_left_is_taken_back_by_the_next(
    process: Process, notifier: Notifier, clock: Clock
) -> None:
    killed, _ = process("gone", "stays", "elsewhere")
    killed._publish()
    following, _ = process("stays", others=("elsewhere",))
    following._publish()
    assert set(notifier.entities) == {"gone", "stays", "elsewhere"}, "at a start not everything is there yet"
    clock.now += REFRESH_SECONDS
    following._publish()
    assert set(notifier.entities) == {"stays", "elsewhere"}
    clock.now += REFRESH_SECONDS
    events = notifier.events
    following._publish()
    assert notifier.events == events + 1, "only the refresh of what stays"


def test_what_could_not_be_taken_back_is_tried_again(process: Process, notifier: Notifier, clock: Clock) -> None:
    process("gone")[0]._publish()
    following, _ = process("stays")
    clock.now += REFRESH_SECONDS
    notifier.answer = Answer(503, None, b"")
    following._publish()
    assert "gone" in notifier.entities
    notifier.answer = Answer(202, None, b"")
    clock.now += REFRESH_SECONDS
    following._publish()
    assert set(notifier.entities) == {"stays"}
