"""The stop ladder: ask politely, wait, insist, end it. stdout is read all the way, by the AlertWatcher."""

from __future__ import annotations

import contextlib
import select
import signal
import time

from alertwrap.process.process import Child, ready, wait_exit
from alertwrap.run.timing import Ladder
from alertwrap.stdin.feed import Feed


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
        while child.stdin is not None and not child.ended():
            feed.pump(child.stdin)
            left = until - time.monotonic()
            if not feed.waiting or left <= 0:
                return
            ready(child.stdin, select.POLLOUT, min(left, 0.1))
