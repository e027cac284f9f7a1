"""A provider's rates, kept by appointment: whoever comes too early is told when to come back, and is expected then.

Nobody waits inside: a message that may not go yet gives its worker back.
"""

from __future__ import annotations

from collections import OrderedDict

#: Whoever misses the appointment by this much lost it.
_PATIENCE_SECONDS = 120.0
#: Destinations and appointments that are remembered; the oldest go first.
_REMEMBERED = 20_000


class Pace:
    """At most one message per `each` seconds for one destination, and `per_second` in each second in all."""

    def __init__(self, each: float, per_second: int) -> None:
        self._each = each
        self._per_second = per_second
        self._next_of: OrderedDict[str, float] = OrderedDict()
        self._appointments: OrderedDict[str, float] = OrderedDict()
        self._taken: OrderedDict[int, int] = OrderedDict()

    def delay(self, destination: str, message_id: str, now: float) -> float:
        """Seconds until this message may go; 0 for now. `now` is monotonic."""
        at = self._appointments.pop(message_id, None)
        if at is None or at + _PATIENCE_SECONDS < now:
            at = self._book(destination, now)
        if at <= now:
            return 0.0
        _remember(self._appointments, message_id, at)
        return at - now

    def _book(self, destination: str, now: float) -> float:
        at = max(now, self._next_of.get(destination, 0.0))
        while self._taken.get(int(at), 0) >= self._per_second:
            at = float(int(at) + 1)
        self._taken[int(at)] = self._taken.get(int(at), 0) + 1
        while len(self._taken) > 1 and next(iter(self._taken)) < int(now):
            self._taken.popitem(last=False)
        _remember(self._next_of, destination, at + self._each)
        return at


def _remember(table: OrderedDict[str, float], key: str, at: float) -> None:
    table[key] = at
    table.move_to_end(key)
    while len(table) > _REMEMBERED:
        table.popitem(last=False)
