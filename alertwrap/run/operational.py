"""What the wrapper itself has to say about an alert: notices of the alert `alertwrap`, through the same spool."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal

from alertwrap.log import Log
from alertwrap.spool.entries import Emission
from alertwrap.spool.spool import Spool, SpoolFull
from alertwrap.stdout.emission import dump

#: The alert's name of what the wrapper says. A config of this name decides who hears it.
NAME = "alertwrap"
Kind = Literal[
    "alert_down", "crash_loop", "held", "recovered", "malformed", "dead_letter", "id_conflict",
    "spool_80", "stopped_reading", "spool_corrupt", "line_refused", "config_rejected", "silent", "not_consuming",
    "file_wrong", "no_verdict",
]  # fmt: skip

#: These tell one story, under one key: it opens with trouble and `recovered` closes it.
_RUNNING = frozenset({"alert_down", "crash_loop", "held", "recovered"})
#: What happens once, and is not a condition that ends.
_EVENTS = frozenset({"malformed", "dead_letter", "id_conflict", "spool_corrupt", "line_refused"})
#: Under this name the spool remembers which conditions people were told of and are not over.
_OPEN = "operational"
#: The same kind again within this time is counted, not said.
QUIET_SECONDS = 60.0
_LONGEST_MESSAGE = 20_000


class Operational:
    """`say` commits a notice; it never raises, since nobody can do more than log it."""

    def __init__(
        self, alert: str, spool: Spool, log: Log, wake: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._alert = alert
        self._spool = spool
        self._log = log
        self._wake = wake
        self._clock = clock
        self._last: dict[str, float] = {}
        self._held_back: dict[str, int] = {}
        self._open: set[str] = set(spool.recall(_OPEN) or ())
        self._lock = threading.Lock()

    def say(
        self, kind: Kind, title: str, message: str = "", *, severity: str = "warning", resolved: bool = False,
        at_once: bool = False,
    ) -> None:  # fmt: skip
        """One notice, unless the same kind was said within QUIET_SECONDS; `at_once` says it in any case."""
        more = self._held_back_until_now(kind, at_once or resolved)
        if more is None:
            return
        notice: dict[str, Any] = {
            "alert": NAME,
            "key": f"{self._alert}/{_subject(kind)}",
            "status": "resolved" if resolved else "firing",
            "severity": "success" if resolved else severity,
            "title": self._log.masked(title),
            "message": self._log.masked(message)[:_LONGEST_MESSAGE],
            "labels": {"kind": kind, "alert": self._alert},
        }
        if more:
            notice["data"] = {"more_since_last": more}
        self._log.warning(title, kind=kind)
        try:
            self._spool.append([Emission(None, dump(notice))], reserved=True)
            self._note(kind, resolved)
        except SpoolFull as error:
            self._log.error("could not keep an operational notice", kind=kind, reason=error)
        self._wake()

    def is_open(self, kind: Kind) -> bool:
        """Whether people were told of this, be it by an earlier process, and not yet that it is over."""
        return _subject(kind) in self._open

    def over(self, kind: Kind, title: str) -> None:
        """The condition has ended; said only to those who heard of it."""
        if self.is_open(kind):
            self.say(kind, title, resolved=True)

    def _note(self, kind: Kind, resolved: bool) -> None:
        if kind in _EVENTS or self.is_open(kind) != resolved:
            return
        with self._lock:
            self._open ^= {_subject(kind)}
            known = sorted(self._open)
        self._spool.remember(_OPEN, known or None)

    def _held_back_until_now(self, kind: str, at_once: bool) -> int | None:
        with self._lock:
            now = self._clock()
            if not at_once and now - self._last.get(kind, float("-inf")) < QUIET_SECONDS:
                self._held_back[kind] = self._held_back.get(kind, 0) + 1
                return None
            self._last[kind] = now
            return self._held_back.pop(kind, 0)


def _subject(kind: str) -> str:
    """What a notice is about: the last part of its key."""
    return "run" if kind in _RUNNING else kind
