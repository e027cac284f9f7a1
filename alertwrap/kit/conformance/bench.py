"""What every row works with: the alert as it behaves when nothing is wrong, and ways to run it when something is."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from alertwrap.json_line import Message
from alertwrap.kit.session import BRISK, Session, Stage, events, is_notice, session
from alertwrap.kit.subject import Entity, Subject
from alertwrap.protocol import Malformed, Text
from alertwrap.world import RECIPIENT
from service_kit.secrets import new_token

#: Silence after which an alert is taken to have said what it had to say.
QUIET_SECONDS = 0.4
#: In a check the clock of `tick` runs fast.
_TICK = timedelta(seconds=0.3)
#: How many times its patience an alert gets that has spoken before.
_LONGER = 4
#: What C06 and C14 push into an alert: more than any pipe holds.
UNREAD_LINES = 5_000

Verdict = Literal["pass", "fail", "skip"]


@dataclass(frozen=True)
class Finding:
    """One row's verdict, and what was seen."""

    verdict: Verdict
    detail: str = ""


def passed(detail: str = "") -> Finding:
    return Finding("pass", detail)


def failed(detail: str) -> Finding:
    return Finding("fail", detail)


def skipped(detail: str) -> Finding:
    return Finding("skip", detail)


@dataclass(frozen=True)
class Baseline:
    """The alert with nothing wrong around it."""

    told: tuple[str, ...]
    printed: tuple[str, ...]
    errors: tuple[str, ...]
    ends: tuple[str, ...]
    last_words: tuple[str, ...]
    text: bool
    not_started: str | None

    @property
    def spoke(self) -> bool:
        """Whether it printed something while it ran, or before it completed."""
        return bool(self.printed)

    @property
    def crashed(self) -> bool:
        """Whether it could not be started, or ended by itself and not with exit code 0."""
        return self.not_started is not None or any(end not in _DONE for end in self.ends)

    @functools.cached_property
    def messages(self) -> list[dict[str, Any]]:
        """What it printed, as objects."""
        return [event.body for event in events(self.printed, text=self.text) if isinstance(event, Message)]

    @property
    def features(self) -> set[str]:
        """What it asked for in `hello`."""
        said = [message.get("features") for message in self.messages if message.get("type") == "hello"]
        return {str(name) for names in said if isinstance(names, list) for name in names}


#: Ends that are no crash: completed, and try again later.
_DONE = ("exit code 0", "exit code 75")


#: Before anything was observed.
_NOTHING = Baseline((), (), (), (), (), text=False, not_started=None)


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
        self.baseline: Baseline = _NOTHING
        self.baseline = self._observe()
        self._flooding = threading.Lock()
        self._flooded: tuple[bool, Finding] | None = None

    @property
    def streams(self) -> bool:
        """Whether it is told more than one line."""
        return self.subject.manifest.stdin == "stream"

    @property
    def longer(self) -> float:
        """Patience with an alert that is known to speak: on a busy machine it may be late, and that is no mistake."""
        return self.patience * (_LONGER if self.baseline.spoke else 1)

    @contextlib.contextmanager
    def session(self, subject: Subject | None = None, **stage: Any) -> Iterator[Session]:
        """The alert running, stopped briskly at the end."""
        with session(subject or self.subject, Stage(**{"timing": BRISK, "environ": self.secrets, **stage})) as run:
            yield run

    def settle(self, run: Session) -> None:
        """Until it has said what it has to say: its first word, then silence."""
        run.wait(lambda: run.count("out") or run.ends(), self.longer)
        run.quiet(QUIET_SECONDS, self.patience)

    def _observe(self) -> Baseline:
        with self.session() as run:
            self.settle(run)
            run.wait(lambda: run.unread() == 0 or run.ends(), 0.5)
            told, printed, ends, errors = run.of("in"), run.of("out"), run.ends(), run.of("err")
            down = [notice["message"] for notice in run.told_by_wrapper() if notice["labels"]["kind"] == "alert_down"]
        text = self.subject.manifest.format == "text"
        later = run.of("out")[len(printed) :]
        not_started = (down or ["it was not started"])[0] if not run.starts() else None
        return Baseline(tuple(told), tuple(printed), tuple(errors), tuple(ends), tuple(later), text, not_started)

    def flood(self) -> tuple[bool, Finding]:
        """Thousands of lines at once: whether it reads them all, and what became of it."""
        with self._flooding:
            if self._flooded is None:
                self._flooded = self._flood()
            return self._flooded

    def _flood(self) -> tuple[bool, Finding]:
        crowd = tuple(
            Entity(RECIPIENT, f"r{n}", {"id": f"r{n}", "name": f"Recipient {n}"}) for n in range(UNREAD_LINES)
        )
        with self.session(replace(self.subject, recipients=(*self.subject.recipients, *crowd))) as run:
            run.wait(lambda: run.count("out") or run.ends() or not self.baseline.spoke, self.longer)
            reads = run.wait(
                lambda: run.unread() == 0 and run.count("in"),
                max(3.0, self.longer if self.baseline.spoke else self.patience),
            ) or bool(run.ends())
            run.quiet(QUIET_SECONDS, self.patience)
            return reads, self.alive(run, f"with {UNREAD_LINES} lines to read")

    @property
    def reads_on(self) -> bool:
        """Whether it goes on reading after line 1."""
        return self.streams and self.flood()[0]

    def alive(self, run: Session, when: str) -> Finding:
        """Whether it works as it does when nothing is wrong."""
        bad = [end for end in run.ends() if end not in _DONE]
        if bad and not self.baseline.crashed:
            return failed(f"{when} it ended with {bad[0]}{last_error(run)}")
        if self.baseline.spoke and not run.of("out"):
            return failed(f"{when} it said nothing, and it does speak otherwise")
        return passed()


def last_error(run: Session) -> str:
    """The last line of its stderr, for a verdict."""
    lines = [line for line in run.of("err") if line.strip()]
    return f": {lines[-1].strip()[:200]}" if lines else ""


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
