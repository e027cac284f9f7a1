"""Sleeping until something happens: a time, a descriptor, or a word from another thread."""

from __future__ import annotations

import contextlib
import os
import select


class Waker:
    """One thread sleeps, any other wakes it. A wake that comes before the sleep ends that sleep at once."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def wake(self) -> None:
        """End the sleep of the other thread, now or when it begins."""
        with contextlib.suppress(BlockingIOError):  # it is full of wakes already
            os.write(self._in, b"x")

    def sleep(self, seconds: float | None, *more: tuple[int, int]) -> set[int]:
        """Until woken, until `seconds` are over, or until one of `more` (descriptor, poll mask) is ready: those."""
        waiting = select.poll()
        for fd, mask in ((self._out, select.POLLIN), *more):
            waiting.register(fd, mask)
        ready = {fd for fd, _ in waiting.poll(None if seconds is None else max(0.0, seconds) * 1000 + 1)}
        if self._out in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._out, 4096)
        return ready - {self._out}

    def close(self) -> None:
        """When no thread will use it again."""
        os.close(self._out)
        os.close(self._in)
