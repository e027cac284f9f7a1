"""The power goes right after an acknowledgement, or at any other moment: everything acknowledged by then is there.

Whoever answers "accepted" without having synced the file is caught here, and nowhere else: see `power/platter.py`.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from tests.faults.harness import ROOT, SITE
from tests.faults.power.platter import Platter, recorded, recorder, steps
from tests.story.system import BOOTSTRAP, bearer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

COUNT = 12
#: Cuts at moments that nobody chose, for each place.
RANDOM_CUTS = 30
_DEADLINE = 30.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where something is accepted: the file below the data directory, what asks for the ids in it, and the variant
    that breaks it."""

    opened: Callable[[Path, dict[str, str]], Any]
    file: str
    ids: str
    broken: str


@contextmanager
def service(module: str, path: str, body: dict[str, Any], data: Path, environment: dict[str, str]) -> Iterator[Say]:
    """A real service; what is said to it is posted to `path` and was acknowledged when `say` returns."""
    settings = {"ALERTWRAP_TOKEN": BOOTSTRAP, "ALERTWRAP_DATA": str(data), "ALERTWRAP_SERVER": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", module, "serve", "--port", "0"]
    log = data.parent / "service.log"
    with log.open("w") as errors:
        process = subprocess.Popen(command, env={**environment, **settings}, stderr=errors, cwd=ROOT)
    try:
        with httpx2.Client(base_url=_url(process, log), headers=bearer(BOOTSTRAP), trust_env=False, timeout=40) as http:

            def say(name: str) -> None:
                answer = http.post(path, json={**body, "id": name})
                assert answer.status_code == 202, answer.text

            yield say
    finally:
        process.kill()
        process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + _DEADLINE
    while not (found := re.search(r"listens on (http://\S+)", log.read_text("utf-8"))):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < end, "it did not start in time"
        time.sleep(0.05)
    return found[1]


@contextmanager
def spool(data: Path, environment: dict[str, str]) -> Iterator[Say]:
    """The wrapper's spool in a process of its own."""
    command = [sys.executable, "-m", "tests.faults.power.append_to_spool", str(data / "spool.db")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, env=environment, cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload]

    def say(name: str) -> None:
        process.stdin.write(f"{name}\n")
        process.stdin.flush()
        assert process.stdout.readline() == f"{name}\n"

    try:
        yield say
    finally:
        process.kill()
        process.communicate()


def _service(module: str, path: str, table: str, **body: Any) -> Place:
    def opened(data: Path, environment: dict[str, str]) -> Any:
        return service(module, path, body, data, environment)

    return Place(opened, f"{module}.db", f"SELECT id FROM {table}", "not_synced")


_MAIL = {"channel": "email", "to": "ann@example.org"}
PLACES = {
    "notice_center": _service("notice_center", "/api/v1/notices", "emission", title="t"),
    "msg_sender": _service("msg_sender", "/api/v1/messages", "messages", title="t", **_MAIL),
    "notifier": _service("notifier", "/api/v1/events", "event", topic="t", key="k", data={}),
    "spool": Place(spool, "spool.db", "SELECT id FROM pending", "spool_not_synced"),
}


@dataclass(frozen=True)
class Run:
    """What was done to the files of one place, and where in the record each acknowledgement came."""

    place: Place
    root: Path
    record: bytes
    acknowledged: list[tuple[str, int]]

    def complaints(self, scratch: Path) -> list[str]:
        """What is missing or broken after a cut at each acknowledgement, and at moments that nobody chose."""
        chance = Random(1)
        moments = [(end, None) for _, end in self.acknowledged]
        moments += [(chance.randrange(len(self.record)), chance) for _ in range(RANDOM_CUTS)]  # type: ignore[misc]
        platter, following, found = Platter(), steps(self.record), list[str]()
        step, end = next(following)
        for number, (moment, luck) in enumerate(sorted(moments, key=lambda one: one[0])):
            while end <= moment:
                platter.take(step)
                step, end = next(following, (step, len(self.record) + 1))
            disk = scratch / f"cut-{number}"
            platter.cut(str(self.root), disk, luck)
            found += self._look(disk, {name for name, at in self.acknowledged if at <= moment})
        return found

    def _look(self, disk: Path, expected: set[str]) -> list[str]:
        file = disk / self.place.file
        if not expected and not file.exists():
            return []  # the power went before anything was promised
        try:
            with contextlib.closing(sqlite3.connect(file)) as connection:
                verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
                there = {row[0] for row in connection.execute(self.place.ids)} if expected else set()
        except sqlite3.DatabaseError as error:
            return [f"unreadable: {error}"]
        broken = [] if verdict == "ok" else [f"broken: {verdict}"]
        return broken + [f"acknowledged and lost: {name}" for name in sorted(expected - there)]


def run(place: Place, directory: Path, variant: str | None = None) -> Run:
    """Say something some times, each time after it was acknowledged the last time."""
    root, log = directory / "data", directory / "record"
    root.mkdir(mode=0o700)
    path = os.pathsep.join([str(SITE), str(ROOT)])
    base = {**os.environ, "PYTHONPATH": path, **({"FAULT_VARIANT": variant} if variant else {})}
    acknowledged = []
    with place.opened(root, recorded(recorder(directory), root, log, base)) as say:
        for number in range(COUNT):
            say(f"n{number}")
            acknowledged.append((f"n{number}", log.stat().st_size))
    return Run(place, root, log.read_bytes(), acknowledged)


@pytest.mark.parametrize("name", PLACES)
def test_what_was_acknowledged_is_there_after_a_power_cut(name: str, tmp_path: Path) -> None:
    assert run(PLACES[name], tmp_path).complaints(tmp_path / "disks") == []


@pytest.mark.parametrize(
    ("name", "variant"),
    [*((name, place.broken) for name, place in PLACES.items()), ("notice_center", "synced_at_checkpoints")],
)
def test_a_storage_that_does_not_sync_is_caught(name: str, variant: str, tmp_path: Path) -> None:
    complaints = run(PLACES[name], tmp_path, variant).complaints(tmp_path / "disks")
    assert any(one.startswith(("acknowledged and lost", "unreadable")) for one in complaints), complaints
