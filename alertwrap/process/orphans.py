"""Processes that an alert started and left alone: they become ours, and we bury them.

Without this they go to process 1; in a container that is often us or somebody who buries nobody, and each one that ends
keeps its place in the table of processes for ever. Linux only; elsewhere nothing happens.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Set
from pathlib import Path

from alertwrap.process.process import is_dead

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> bool:
    """From now on what alerts leave alone becomes a child of this process. Whether the system can do that."""
    if sys.platform != "linux" or not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        return False
    import ctypes  # noqa: PLC0415 - a megabyte that only this needs

    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


class Undertaker:
    """Call `look` now and then, from one thread."""

    def __init__(self) -> None:
        self._dead: set[int] = set()

    def look(self, alerts: Set[int]) -> int:
        """Bury who was dead at the look before already; returns how many.

        `alerts` are the processes whose exit somebody waits for. One that is only just being started is not among
        them yet, and is not dead for two looks either.
        """
        dead = {pid for pid in _children() if is_dead(pid)} - alerts
        again, self._dead = dead & self._dead, dead - self._dead
        for pid in again:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        return len(again)


def _children() -> Iterator[int]:
    for file in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # that thread has just ended
            yield from map(int, file.read_text().split())
