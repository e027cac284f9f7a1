"""How often a password was guessed wrong, in bounded memory: who guesses, waits longer and longer."""

from __future__ import annotations

#: Nobody waits for this many mistakes; then a second, two, four, …, and never longer than a minute: whoever knows the
#: password must not be locked out by those who do not.
_FREE = 5
_LONGEST = 60.0
_DOUBLINGS = 6
#: After this long without a guess all is forgotten.
_FORGET = 15 * 60.0
#: Logins share this many counters, so that inventing logins fills no memory and pushes nobody out.
_COUNTERS = 16_384


class Guesses:
    """Counts of one process. Times are those of a clock that never goes back."""

    def __init__(self) -> None:
        self._counted: dict[int, tuple[int, float]] = {}

    def wait(self, login: str, now: float) -> float:
        """Seconds until this login may be tried; 0 when now, and then the try counts as a mistake until it is none."""
        counter = hash(login) % _COUNTERS
        mistakes, last = self._counted.get(counter, (0, now))
        if now - last > _FORGET:
            mistakes = 0
        left = last + pause(mistakes) - now
        if left > 0:
            return left
        self._counted[counter] = (mistakes + 1, now)
        return 0.0

    def right(self, login: str) -> None:
        """That was the password."""
        self._counted.pop(hash(login) % _COUNTERS, None)


def pause(mistakes: int) -> float:
    """Seconds to wait after this many mistakes in a row."""
    return 0.0 if mistakes < _FREE else min(2.0 ** min(mistakes - _FREE, _DOUBLINGS), _LONGEST)
