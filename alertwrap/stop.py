"""The stop ladder: ask politely, wait, insist, end it. stdout is read all the way, by the AlertWatcher."""

from __future__ import annotations

import contextlib
import select
import signal
import time
from dataclasses import dataclass

from alertwrap.feed import Feed
from alertwrap.process import Child, wait_exit


@dataclass(frozen=True)
class Ladder:
    """Seconds on each step."""

    flush: float = 0.5
    eof: float = 5.0
    eof_unread: float = 0.5
    term: float = 5.0
    kill: float = 5.0


def stop(child: Child, feed: Feed, ladder: Ladder) -> None:
    """End the alert. Returns when it has ended, or when even SIGKILL did not help within its time."""
    _flush(child, feed, ladder.flush)
    patience = ladder.eof_unread if child.stdin is None or child.unread() else ladder.eof
    child.close_stdin()
    if wait_exit(child, patience):
        return
    # CONT: a stopped process would sleep through TERM.
    child.signal_group(signal.SIGTERM, signal.SIGCONT)
    if wait_exit(child, ladder.term):
        return
    child.signal_group(signal.SIGKILL)
    wait_exit(child, ladder.kill)


def _flush(child: Child, feed: Feed, seconds: float) -> None:
    until = time.monotonic() + seconds
    with contextlib.suppress(BrokenPipeError):
        while child.stdin is not None and child.exit_code() is None:
            feed.pump(child.stdin)
            left = until - time.monotonic()
            if not feed.waiting or left <= 0:
                return
            select.select([], [child.stdin], [], min(left, 0.1))
