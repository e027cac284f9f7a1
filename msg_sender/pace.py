"""A provider's rates, kept by appointment: whoever comes too early is told when to come back, and is expected then.

Nobody waits inside: a message that may not go yet gives its worker back.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple, TypeVar

#: Whoever misses the appointment by this much lost it.
_PATIENCE_SECONDS = 120.0
#: Destinations and appointments that are remembered; the oldest go first.
_REMEMBERED = 20_000

T = TypeVar("T")


class _Appointment(NamedTuple):
    """`settled`: the overall rate was counted too, not only the destination's."""

    at: float
    settled: bool


class Pace:
    """At most one message per `each` seconds for one destination, and one per `overall` seconds in all.

    `burst` is how many may go in all at once after a pause.
    """

    def __init__(self, each: float, overall: float, burst: int = 1) -> None:
        self._each = each
        self._overall = overall
        self._credit = overall * (burst - 1)
        self._next = 0.0
        self._next_of: OrderedDict[str, float] = OrderedDict()
        self._appointments: OrderedDict[str, _Appointment] = OrderedDict()

    def delay(self, destination: str, message_id: str, now: float) -> float:
        """Seconds until this message may go; 0 for now. `now` is monotonic."""
        appointed = self._appointments.pop(message_id, None)
        if appointed is None or appointed.at + _PATIENCE_SECONDS < now:
            appointed = _Appointment(self._book(destination, now), False)
        if appointed.at <= now and not appointed.settled:
            appointed = _Appointment(self._book_overall(now), True)
        if appointed.at <= now:
            return 0.0
        _remember(self._appointments, message_id, appointed)
        return appointed.at - now

    def _book(self, destination: str, now: float) -> float:
        at = max(now, self._next_of.get(destination, 0.0))
        _remember(self._next_of, destination, at + self._each)
        return at

    def _book_overall(self, now: float) -> float:
        earliest = max(self._next, now - self._credit)
        self._next = earliest + self._overall
        return max(now, earliest)


def _remember(table: OrderedDict[str, T], key: str, value: T) -> None:
    table[key] = value
    table.move_to_end(key)
    while len(table) > _REMEMBERED:
        table.popitem(last=False)
