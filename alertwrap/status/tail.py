"""The last lines that the log has about one alert, for `alertwrap logs`: bounded, and followed live."""

from __future__ import annotations

import threading
from collections import deque

_BYTES = 64 * 1024


class Tail:
    """Filled by whoever logs, read by any number of followers; each asks for what came after what it has."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._bytes = 0
        self._count = 0
        self._news = threading.Condition()

    def add(self, line: str) -> None:
        with self._news:
            self._lines.append(line)
            self._bytes += len(line)
            self._count += 1
            while self._bytes > _BYTES and len(self._lines) > 1:
                self._bytes -= len(self._lines.popleft())
            self._news.notify_all()

    def after(self, number: int, seconds: float = 0.0) -> tuple[int, list[str]]:
        """What came after line `number`, waiting so long for it: (the number of the last line, the lines)."""
        with self._news:
            if number >= self._count:
                self._news.wait(seconds)
            missing = min(self._count - number, len(self._lines))
            return self._count, list(self._lines)[len(self._lines) - missing :] if missing > 0 else []


class Tails:
    """A tail for each alert, made when it is first asked for; it outlives what happens to the alert."""

    def __init__(self) -> None:
        self._tails: dict[str, Tail] = {}
        self._lock = threading.Lock()

    def of(self, alert: str) -> Tail:
        with self._lock:
            return self._tails.setdefault(alert, Tail())
