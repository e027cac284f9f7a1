"""An alert that used to read its stdin and stopped works with what is out of date. One that never read is fine."""

from __future__ import annotations

from alertwrap.run.operational import Operational
from alertwrap.stdin.feed import Feed

#: How often it is looked at within the time that it is given.
_LOOKS = 5


class Consumption:
    """`look` now and then; it says `not_consuming`, and takes it back."""

    def __init__(self, alert: str, feed: Feed, operational: Operational, patience: float) -> None:
        self._alert = alert
        self._feed = feed
        self._operational = operational
        self._patience = patience
        self._taken = 0
        self._since: float | None = None

    def look(self, now: float, unread: int) -> float:
        """Returns when to look again."""
        taken = self._feed.taken(unread)
        stuck = unread > 0 and taken == self._taken and self._feed.reads_on(unread)
        self._taken = taken
        if not stuck:
            self._since = None
            self._operational.over("not_consuming", f"{self._alert} reads its stdin again")
        elif self._since is None:
            self._since = now
        elif now - self._since >= self._patience and not self._operational.is_open("not_consuming"):
            title = f"{self._alert} does not read its stdin any more"
            text = f"It has read nothing for {now - self._since:.0f} s, and {unread} bytes wait for it."
            self._operational.say("not_consuming", title, text)
        return now + self._patience / _LOOKS
