"""The places of one channel on the wire, shared out so that the slow destination pays, and nobody else.

Any destination may have a free place; a further one only while half of all places are left for others. One that lets
us wait is slow until it answers quickly again: meanwhile it holds one place at a time, and all slow ones together at
most half of them.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

#: Who takes longer than this for one message is slow.
SLOW_SECONDS = 5.0
#: Slow destinations that are remembered; the longest known go first.
_REMEMBERED = 200


@dataclass
class Room:
    """What is free at one moment. `take` uses it up; a destination of None has no limit of its own.

    `kept`: so many places stay free for destinations that hold none. `for_slow`: so many may slow ones still take.
    """

    free: int
    kept: int = 0
    for_slow: int = 0
    held: Counter[str] = field(default_factory=Counter)
    slow: frozenset[str] = frozenset()

    def take(self, destination: str | None) -> bool:
        """Take a place for a message to `destination`; False when it may have none now."""
        if self.free <= 0 or (destination is not None and self._is_closed(destination)):
            return False
        self.free -= 1
        if destination is not None:
            self.held[destination] += 1
            self.for_slow -= destination in self.slow
        return True

    def closed(self) -> list[str]:
        """The destinations that may have no place now."""
        return sorted(one for one in {*self.held, *self.slow} if self._is_closed(one))

    def _is_closed(self, destination: str) -> bool:
        if destination in self.slow:
            return self.for_slow <= 0 or self.held[destination] >= 1
        return self.held[destination] >= 1 and self.free <= self.kept


class Lanes:
    """Told who goes (`enter`) and who is back (`leave`), both by the message's number. `now` is monotonic."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._out: dict[int, tuple[str | None, float]] = {}
        self._slow: OrderedDict[str, None] = OrderedDict()

    def enter(self, number: int, destination: str | None, now: float) -> None:
        self._out[number] = (destination, now)

    def leave(self, number: int, now: float) -> None:
        destination, since = self._out.pop(number)
        if destination is None:
            return
        self._slow.pop(destination, None)
        if now - since > SLOW_SECONDS:
            self._slow[destination] = None
            while len(self._slow) > _REMEMBERED:
                self._slow.popitem(last=False)

    def room(self, now: float) -> Room:
        """What is free now. Whoever is out for long already counts as slow."""
        held = Counter(name for name, _ in self._out.values() if name is not None)
        late = {name for name, since in self._out.values() if name is not None and now - since > SLOW_SECONDS}
        slow = frozenset({*self._slow, *late})
        taken_by_slow = sum(count for name, count in held.items() if name in slow)
        return Room(
            free=self._limit - len(self._out),
            kept=self._limit // 2,
            for_slow=max(1, self._limit // 2) - taken_by_slow,
            held=held,
            slow=slow,
        )
