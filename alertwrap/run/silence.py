"""An alert that is expected to say something every so often, and does not: people must hear of it."""

from __future__ import annotations

import time

from alertwrap.run.operational import Operational
from alertwrap.status.health import Health

#: Once it is silent, its first word is noticed within so long.
_LOOK_SECONDS = 2.0


class Silence:
    """`look` now and then; it says `silent`, and takes it back. Without `expected` nothing is ever due."""

    def __init__(self, alert: str, expected: float | None, health: Health, operational: Operational) -> None:
        self._alert = alert
        self._expected = expected
        self._health = health
        self._operational = operational
        self._silent = operational.is_open("silent")

    def look(self, now: float) -> float | None:
        """Say what is to be said; returns when to look again."""
        if self._expected is None:
            return None
        due = self._health.heard_at + self._expected
        if now < due:
            if self._silent:
                self._silent = False
                self._operational.over("silent", f"{self._alert} speaks again")
            return due
        if not self._silent:
            self._silent = True
            title = f"{self._alert} has said nothing for {now - self._health.heard_at:.0f} s"
            self._operational.say("silent", title, f"Expected is a line every {self._expected:.0f} s.", at_once=True)
        return now + min(self._expected, _LOOK_SECONDS)

    def begin(self) -> None:
        """Its time starts now."""
        self._health.heard_at = max(self._health.heard_at, time.monotonic())
