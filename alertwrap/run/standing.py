"""Where an alert stands: the table's answer to each event, and the word that goes with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from alertwrap.log import Log
from alertwrap.manifest import Manifest
from alertwrap.run.operational import Operational
from alertwrap.run.supervision import Event, Situation, Step, What, decide
from alertwrap.run.timing import Policy
from wire.times import utc_now


class Standing:
    """`apply` from the main thread; `situation` and `since` may be read from any. `changed` is told of each step."""

    def __init__(
        self, manifest: Manifest, policy: Policy, random: Random, operational: Operational, log: Log,
        changed: Callable[[str], None],
    ) -> None:  # fmt: skip
        # What was told before this process began is taken back by this one.
        self.situation = Situation(alarmed=operational.is_open("crash_loop"))
        self.since = utc_now()
        self._name = manifest.name
        self._interval = manifest.interval.total_seconds() if manifest.interval else None
        self._policy = policy
        self._random = random
        self._operational = operational
        self._log = log
        self._changed = changed

    def apply(self, event: Event) -> Step:
        """Take the step that the table names, and say what it wants said."""
        step = self.decided(event)
        if step.situation.state != self.situation.state:
            self._log.info("the alert is now " + step.situation.state, because=event.detail or event.what)
            self.since = utc_now()
        self.situation = step.situation
        self._changed(self._name)
        if step.word is not None:
            title = step.word.title.format(alert=self._name)
            severity = "warning" if step.word.kind == "held" else "error"
            self._operational.say(
                step.word.kind, title, step.word.message, severity=severity, resolved=step.word.resolved, at_once=True
            )
        return step

    def happened(self, what: What, detail: str = "") -> Step:
        """`apply` for an event of this moment."""
        return self.apply(event(what, detail))

    def decided(self, event: Event) -> Step:
        """The step that the table names; nothing is done."""
        return decide(self.situation, event, self._policy, self._random, self._interval)

    def leads_into_loop(self, event: Event) -> bool:
        """Whether this would be the beginning of a crash loop."""
        return self.decided(event).situation.state == "CRASH_LOOP" and self.situation.state != "CRASH_LOOP"


def event(what: What, detail: str = "") -> Event:
    """Something that happens now."""
    return Event(what, time.monotonic(), detail)
