"""Named moments at which something is due, for a loop that sleeps until the next of them."""

from __future__ import annotations


class Deadlines:
    """Moments are monotonic seconds; None takes one off the list."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def set(self, name: str, at: float | None) -> None:
        self._at.pop(name, None)
        if at is not None:
            self._at[name] = at

    def has(self, name: str) -> bool:
        """Whether this is still to come."""
        return name in self._at

    def take(self, now: float) -> list[str]:
        """What is due, the earliest first; each is told once."""
        due = sorted((name for name, at in self._at.items() if at <= now), key=lambda name: self._at[name])
        for name in due:
            del self._at[name]
        return due

    @property
    def next(self) -> float | None:
        return min(self._at.values(), default=None)
