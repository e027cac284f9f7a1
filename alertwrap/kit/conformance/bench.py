"""What every row works with: the alert as it behaves when nothing is wrong, and ways to run it when something is."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, TypeVar

from alertwrap.kit.conformance import procfs
from alertwrap.kit.printed import events, is_notice, messages
from alertwrap.kit.session import BRISK, FINE_ENDS, Session, Stage, last_error, session
from alertwrap.kit.subject import Entity, Subject
from alertwrap.run.timing import Timing
from alertwrap.stdin.world import RECIPIENT
from alertwrap.stdout.protocol import Malformed, Text
from service_kit.secrets import new_token

#: Silence after which an alert is taken to have said what it had to say; shorter when it has said as much as ever.
QUIET_SECONDS = 0.4
_SETTLED_SECONDS = 0.1
#: In a check the clock of `tick` runs fast.
_TICK = timedelta(seconds=0.3)
#: How many times its patience an alert gets that has spoken before, at the second try.
_LONGER = 4
#: What C06 and C14 push into an alert: more than any pipe holds.
UNREAD_LINES = 5_000
#: What an alert gets on a step of the ladder that it has not heeded before.
_DEAF_SECONDS = 0.1
#: How often somebody who watches it read looks again.
_LOOK_SECONDS = 0.05

T = TypeVar("T")
Verdict = Literal["pass", "fail", "skip"]


@dataclass(frozen=True)
class Finding:
    """One row's verdict, and what was seen. `late`: it failed by the clock alone."""

    verdict: Verdict
    detail: str = ""
    late: bool = False


def passed(detail: str = "") -> Finding:
    return Finding("pass", detail)


def failed(detail: str) -> Finding:
    return Finding("fail", detail)


def too_late(detail: str, pid: int | None) -> Finding:
    """Failed by the clock. Where the machine may be to blame, it is tried once more, alone: when that has more to do
    than it has processors for, or when the alert is still at work, or was not even started."""
    return Finding("fail", detail, late=pid is None or procfs.crowded() or procfs.at_work(pid))


def skipped(detail: str) -> Finding:
    return Finding("skip", detail)


@dataclass(frozen=True)
class Baseline:
    """The alert with nothing wrong around it. `ends`: by itself; `ends_at`: at last, when it was stopped."""

    told: tuple[str, ...]
    printed: tuple[str, ...]
    errors: tuple[str, ...]
    ends: tuple[str, ...]
    last_words: tuple[str, ...]
    text: bool
    not_started: str | None
    ends_at: str | None = None

    @property
    def spoke(self) -> bool:
        """Whether it printed something while it ran, or before it completed."""
        return bool(self.printed)

    @property
    def crashed(self) -> bool:
        """Whether it could not be started, or ended by itself and not with exit code 0."""
        return self.not_started is not None or any(end not in FINE_ENDS for end in self.ends)

    @functools.cached_property
    def messages(self) -> list[dict[str, Any]]:
        """What it printed, as objects."""
        return messages(self.printed, text=self.text)

    @property
    def features(self) -> set[str]:
        """What it asked for in `hello`."""
        said = [message.get("features") for message in self.messages if message.get("type") == "hello"]
        return {str(name) for names in said if isinstance(names, list) for name in names}


#: Before anything was observed.
_NOTHING = Baseline((), (), (), (), (), text=False, not_started=None)


@dataclass(frozen=True)
class Flood:
    """Thousands of lines at once: whether it read them all, how it bore that, and what it logged meanwhile."""

    read: bool
    finding: Finding
    errors: int
    seconds: float


class Bench:
    """One alert being checked. `patience`: seconds that it gets to say its first word."""

    def __init__(self, subject: Subject, patience: float, load_seconds: float) -> None:
        names = list(subject.manifest.secrets)
        self.secrets = {f"ALERTWRAP_CHECK_{number}": new_token() for number in range(len(names))}
        sources = {name: f"env:ALERTWRAP_CHECK_{number}" for number, name in enumerate(names)}
        tick = subject.manifest.tick and _TICK
        self.subject = subject.with_manifest(tick=tick, secrets=sources)
        self.patience = patience
        self.load_seconds = load_seconds
        self.alone = False
        self._once: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()
        self.baseline: Baseline = _NOTHING
        self.baseline = self._observe()

    @property
    def streams(self) -> bool:
        """Whether it is told more than one line."""
        return self.subject.manifest.stdin == "stream"

    @property
    def longer(self) -> float:
        """Patience with an alert that is known to speak: when nothing else runs, and it is late all the same."""
        return self.patience * (_LONGER if self.alone and self.baseline.spoke else 1)

    @contextlib.contextmanager
    def session(self, subject: Subject | None = None, **stage: Any) -> Iterator[Session]:
        """The alert running, stopped briskly at the end."""
        given = {"timing": self._timing, "environ": self.secrets, **stage}
        with session(subject or self.subject, Stage(**given)) as run:
            yield run

    @property
    def _timing(self) -> Timing:
        """Who did not end when asked before does not do so now; C03 and C04 tell of it."""
        ends = self.baseline.ends_at
        asked = BRISK.ladder if ends is None or "SIG" not in ends else replace(BRISK.ladder, eof=_DEAF_SECONDS)
        return replace(BRISK, ladder=asked if ends != "signal SIGKILL" else replace(asked, term=_DEAF_SECONDS))

    def once(self, name: str, find: Callable[[], T]) -> T:
        """What several rows want to know is found out by the first that asks; the others wait for it."""
        with self._lock:
            mine = name not in self._once
            future: Future[T] = self._once.setdefault(name, Future())
        if mine:
            try:
                future.set_result(find())
            except BaseException as error:
                future.set_exception(error)
        return future.result()

    def settle(self, run: Session) -> None:
        """Until it has said what it has to say: its first word, then silence."""
        before = self.baseline
        if before is _NOTHING:  # it may start slowly: its time begins when it has taken a line
            run.wait(lambda: run.taken() or run.count("out") or run.ends(), self.patience)
        if before.spoke or before is _NOTHING:
            run.wait(lambda: run.count("out") or run.ends(), self.longer)
        run.quiet(lambda: _SETTLED_SECONDS if self._as_ever(run) else QUIET_SECONDS, self.patience)

    def _as_ever(self, run: Session) -> bool:
        """Whether it has read all, and said as much as it does when nothing is wrong."""
        return self.baseline.spoke and run.unread() == 0 and run.count("out") >= len(self.baseline.printed)

    def _observe(self) -> Baseline:
        with self.session() as run:
            self.settle(run)
            run.wait(lambda: run.unread() == 0 or run.ends(), 0.5)
            told, printed, ends, errors = run.of("in"), run.of("out"), run.ends(), run.of("err")
            down = [notice["message"] for notice in run.told_by_wrapper() if notice["labels"]["kind"] == "alert_down"]
        text = self.subject.manifest.format == "text"
        later = run.of("out")[len(printed) :]
        not_started = (down or ["it was not started"])[0] if not run.starts() else None
        at_last = next(reversed(run.ends()), None)
        return Baseline(
            tuple(told), tuple(printed), tuple(errors), tuple(ends), tuple(later), text, not_started, at_last
        )

    @property
    def flood(self) -> Flood:
        """More lines at once than any pipe holds."""
        return self.once("flood", self._flood)

    def _flood(self) -> Flood:
        crowd = tuple(
            Entity(RECIPIENT, f"r{n}", {"id": f"r{n}", "name": f"Recipient {n}"}) for n in range(UNREAD_LINES)
        )
        with self.session(replace(self.subject, recipients=(*self.subject.recipients, *crowd))) as run:
            run.wait(lambda: run.count("out") or run.ends() or not self.baseline.spoke, self.longer)
            read = self._takes_all(run) or bool(run.ends())
            run.quiet(QUIET_SECONDS, self.patience)
            seconds = time.monotonic() - run.began
            return Flood(read, self.alive(run, f"with {UNREAD_LINES} lines to read"), run.count("err"), seconds)

    def _takes_all(self, run: Session) -> bool:
        """Whether it reads to the end of what there is. It gets its time as long as it goes on reading."""
        left, until = None, time.monotonic() + max(3.0, self.patience)
        while not (run.unread() == 0 and run.count("in")) and not run.ends():
            before, left = left, (run.count("in"), run.unread())
            until = until if left == before else time.monotonic() + self.patience
            if time.monotonic() > until:
                return False
            run.wait(run.ends, _LOOK_SECONDS)
        return True

    @property
    def reads_on(self) -> bool:
        """Whether it goes on reading after line 1."""
        return self.streams and self.flood.read

    def alive(self, run: Session, when: str) -> Finding:
        """Whether it works as it does when nothing is wrong."""
        bad = [end for end in run.ends() if end not in FINE_ENDS]
        if bad and not self.baseline.crashed:
            return failed(f"{when} it ended with {bad[0]}{last_error(run)}")
        if self.baseline.spoke and not run.of("out"):
            return too_late(f"{when} it said nothing, and it does speak otherwise", run.pid)
        return passed()


def identities(messages: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """What notices are about: the key, or else the title; and whether it opens or closes."""
    return {
        (str(found.get("key") or found.get("title") or found.get("message") or ""), str(found.get("status", "firing")))
        for found in messages
        if is_notice(found)
    }


def unfit(lines: Sequence[str]) -> str | None:
    """The first printed thing that is no message, shown; None when all are."""
    for event in events(lines):
        if isinstance(event, Text):
            return repr(event.text[:120])
        if isinstance(event, Malformed):
            return f"{event.raw[:120]!r} ({event.reason})"
    return None


Row = Callable[[Bench], Finding]
