"""What an alert says on stderr: always drained, logged at a bounded rate, its end kept for the crash notice."""

from __future__ import annotations

from collections.abc import Callable

LINE_BYTES = 8 * 1024
LINES_A_SECOND, BURST = 50.0, 500.0
TAIL_BYTES = 64 * 1024


class Allowance:
    """A bucket of tokens: `take` says whether one more is allowed now, and counts those that were not."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at: float | None = None
        self.suppressed = 0

    def take(self, now: float) -> bool:
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            self.suppressed += 1
            return False
        self._left -= 1
        return True

    def forgive(self) -> int:
        """How many were suppressed since the last call."""
        count, self.suppressed = self.suppressed, 0
        return count


class StderrLog:
    """Cuts the stream into lines for `write`; `tail` is its end, as text."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._rest = b""
        self._cutting = False
        self._tail = bytearray()
        self._allowance = Allowance(LINES_A_SECOND, BURST)

    def feed(self, data: bytes, now: float) -> None:
        """Take what was read; `now` is monotonic seconds."""
        self._tail += data[-TAIL_BYTES:]
        if len(self._tail) > 2 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]
        *lines, rest = (self._rest + data).split(b"\n")
        for line in lines:
            if not self._cutting:
                self._line(line, now)
            self._cutting = False
        if len(rest) > LINE_BYTES:
            if not self._cutting:
                self._line(rest, now)
            self._cutting, rest = True, b""
        self._rest = rest

    def end(self, now: float) -> None:
        """The stream has ended."""
        if self._rest and not self._cutting:
            self._line(self._rest, now)
        self._rest = b""
        self._tell_suppressed()

    @property
    def tail(self) -> str:
        return bytes(self._tail[-TAIL_BYTES:]).decode(errors="replace")

    def _line(self, line: bytes, now: float) -> None:
        if not line.strip() or not self._allowance.take(now):
            return
        self._tell_suppressed()
        self._write(line[:LINE_BYTES].decode(errors="replace").rstrip("\r"))

    def _tell_suppressed(self) -> None:
        suppressed = self._allowance.forgive()
        if suppressed:
            self._write(f"… {suppressed} lines suppressed")
