"""Kill the alert and its wrapper at random, let the center answer badly, and count what has arrived at the end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

from alertwrap.delivery.post import Answer
from alertwrap.hosted import place_of
from alertwrap.kit.center import SmallCenter
from alertwrap.kit.conformance.bench import identities
from alertwrap.kit.session import BRISK, Stage, session
from alertwrap.kit.subject import Subject
from alertwrap.kit.victim import PACE_SECONDS, crowd
from alertwrap.run.operational import NAME
from alertwrap.spool.spool import Spool
from service_kit.secrets import new_token

#: Between two blows; and what the center does in between.
_BLOWS_SECONDS = (0.05, 0.6)
_START_SECONDS = 10.0
#: A killed wrapper takes the longest to come back.
_WEIGHTS = {"kills of the alert": 3, "freezes of the alert": 2, "kills of the wrapper": 2}
_BAD = (Answer(500, None, b"{}"), Answer(503, None, b"{}"), Answer(429, "0", b"{}"), Answer(200, None, b"not json"))
_BAD_SHARE = 0.3
#: The version of the UUIDs that the wrapper makes.
_OURS = 7
#: After the storm, what was accepted must arrive within this.
_CALM_SECONDS = 30.0
_QUIET_SECONDS = 1.0


@dataclass
class Outcome:
    """What was done, and what came of it. `problems` is empty when nothing was lost."""

    seed: int
    blows: Counter[str] = field(default_factory=Counter)
    arrived: int = 0
    repeats: int = 0
    problems: list[str] = field(default_factory=list)


class Storm:
    """One wrapper after the other on the same directory, and a center that answers badly now and then."""

    def __init__(self, request: dict[str, Any], subject: Subject, data: Path, seed: int) -> None:
        self.outcome = Outcome(seed)
        self._subject = subject
        self._random = Random(seed)  # noqa: S311 - chance that can be repeated
        self._center = SmallCenter()
        self._bad = False
        self._center.misbehave = self._misbehave
        self._data = data
        self._request = request
        self._process: subprocess.Popen[str] | None = None
        self._alert: int | None = None
        self._told = threading.Event()
        self._started = threading.Event()

    def run(self, seconds: float, copies: int) -> Outcome:
        """The storm, then the calm, then the count."""
        expected = self._expected(copies)
        with _served(self._center) as server:
            self._request |= {"server": server, "token": new_token(), "data": str(self._data), "copies": copies}
            self._bad = True
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                self._start()
                self._started.wait(_START_SECONDS)  # who is killed before it lives has nothing to lose
                time.sleep(self._random.uniform(*_BLOWS_SECONDS))
                self._blow()
            self._bad = False
            self._calm()
        self._count(expected)
        return self.outcome

    def _expected(self, copies: int) -> set[tuple[str, str]]:
        """What it says of all this when nothing happens to it."""
        whole = replace(self._subject, entities=(*self._subject.entities, *crowd(self._subject, copies)))
        with session(whole, Stage(timing=BRISK)) as run:
            run.wait(run.arrived, 10)
            run.quiet(_QUIET_SECONDS, 20)
            return identities(run.arrived())

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self._told.clear()
        self._started.clear()
        words = [sys.executable, "-m", "alertwrap.kit.victim", json.dumps(self._request)]
        with (self._data / "stderr").open("w") as errors:
            process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True)
        self._process, self._alert = process, None
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                event = json.loads(line)
                if event["event"] == "the alert has started" and process is self._process:
                    self._alert = event["pid"]
                    self._started.set()
                if event["event"] == "everything was told" and process is self._process:
                    self._told.set()

    def _blow(self) -> None:
        process, alert = self._process, self._alert
        assert process is not None
        blows: dict[str, Callable[[], None]] = {"kills of the wrapper": process.kill}
        if alert is not None:
            blows["kills of the alert"] = lambda: _signal(alert, signal.SIGKILL)
            blows["freezes of the alert"] = lambda: self._freeze(alert)
        names = sorted(blows)
        name = self._random.choices(names, [_WEIGHTS[name] for name in names])[0]
        blows[name]()
        self.outcome.blows[name] += 1
        if name == "kills of the wrapper":
            process.wait()

    def _freeze(self, alert: int) -> None:
        _signal(alert, signal.SIGSTOP)
        time.sleep(self._random.uniform(0.05, 0.3))
        _signal(alert, signal.SIGCONT)

    def _misbehave(self) -> Answer | None:
        if not self._bad or self._random.random() > _BAD_SHARE:
            return None
        self.outcome.blows["bad answers of the center"] += 1
        return self._random.choice(_BAD)

    def _calm(self) -> None:
        """Everything is told, it says what it has to say, and is stopped as it is in production."""
        self._start()
        assert self._process is not None
        self._told.wait(_CALM_SECONDS + PACE_SECONDS * int(self._request["copies"]))
        count, since = len(self._center.notices), time.monotonic()
        until = since + _CALM_SECONDS
        while time.monotonic() < min(until, since + 2 * _QUIET_SECONDS):
            time.sleep(0.05)
            if len(self._center.notices) != count:
                count, since = len(self._center.notices), time.monotonic()
        self._process.terminate()
        try:
            self._process.wait(_CALM_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.outcome.problems.append("the wrapper did not stop")
        if self._process.returncode > 0:
            last = (self._data / "stderr").read_text("utf-8", "replace").strip().splitlines()[-1:]
            self.outcome.problems.append(f"the wrapper ended with {self._process.returncode} {' '.join(last)}")

    def _count(self, expected: set[tuple[str, str]]) -> None:
        found = self.outcome
        said = [notice for notice in self._center.notices.values() if notice["alert"] != NAME]
        found.arrived, found.repeats = len(said), self._center.repeats
        lost = sorted(expected - identities(said))
        found.problems += [f"lost: {name!r} ({status})" for name, status in lost[:5]]
        if len(lost) > 5:
            found.problems.append(f"lost: {len(lost) - 5} more")
        found.problems += [f"one id, two contents: {name}" for name in self._center.conflicts[:5]]
        found.problems += [f"the same again under another id: {title!r}" for title in _twice(said)[:5]]
        spool = Spool(place_of(self._subject.manifest.name, self._data).spool)
        try:
            if spool.pending_count:
                found.problems.append(f"{spool.pending_count} notices were accepted and have not arrived")
            found.problems += [f"dead letter: {reason}" for reason, *_ in spool.dead()[:5]]
        finally:
            spool.close()


def _twice(said: list[dict[str, Any]]) -> list[str]:
    """Among those with an id of the alert's own; without one, each word is a word of its own."""
    own = [one for one in said if not _minted(str(one["id"]))]
    count = Counter(json.dumps({**one, "id": ""}, sort_keys=True) for one in own)
    return [str(json.loads(content).get("title")) for content, times in count.items() if times > 1]


def _minted(name: str) -> bool:
    """Whether the wrapper made this id."""
    try:
        return uuid.UUID(name).version == _OURS
    except ValueError:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


@contextlib.contextmanager
def _served(center: SmallCenter) -> Iterator[str]:
    """The small center behind HTTP, for a wrapper in another process."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            answer = center.post(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answer.status)
            if answer.retry_after is not None:
                self.send_header("Retry-After", answer.retry_after)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """The wrapper is killed in the middle of requests; that is no news."""

    with Server(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def storm(request: dict[str, Any], subject: Subject, seed: int, seconds: float, copies: int) -> Outcome:
    """Do all that, on a directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="alertwrap-") as directory:
        return Storm(request, subject, Path(directory), seed).run(seconds, copies)
