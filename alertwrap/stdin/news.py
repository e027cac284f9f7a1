"""Which topics have changed since somebody last asked."""

from __future__ import annotations

import threading


class News:
    """Topics that changed since the last look; filled by one thread, emptied by another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._topics: set[str] = set()

    def add(self, topics: set[str]) -> None:
        with self._lock:
            self._topics |= topics

    def take(self, *wanted: str) -> bool:
        """Whether one of these changed; forgets it."""
        with self._lock:
            found = self._topics & set(wanted)
            self._topics -= found
            return bool(found)
