"""Rows about how an alert ends: politely, in time, and with nothing left behind. Run without the wrapper's ladder."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from alertwrap.kit.conformance import procfs
from alertwrap.kit.conformance.bare import Bare, bare
from alertwrap.kit.conformance.bench import Bench, Finding, failed, passed, skipped, too_late
from alertwrap.process.process import wait_exit

#: What production gives it on each step.
EOF_SECONDS, TERM_SECONDS = 5.0, 5.0
#: After its end, its helpers get this long to follow.
_LEFTOVER_SECONDS = 1.0
_TICK_SECONDS = 0.3


def c03_ends_at_the_end_of_stdin(bench: Bench) -> Finding:
    if _over(bench):
        return passed("it ends by itself")
    if not bench.reads_on:
        return skipped("it does not read after line 1, so it cannot know; it is ended by SIGTERM")
    with bare(bench) as run:
        run.first_word(bench)
        run.child.close_stdin()
        ended = wait_exit(run.child, EOF_SECONDS)
        seen = f"it still runs {EOF_SECONDS:.0f} s after its stdin was closed"
        return passed() if ended else too_late(seen, run.child.pid)


def c04_ends_at_term(bench: Bench) -> Finding:
    if _over(bench):
        return passed("it ends by itself")
    with bare(bench) as run:
        run.first_word(bench)
        run.child.signal_group(signal.SIGTERM)
        ended = wait_exit(run.child, TERM_SECONDS)
        seen = f"it still runs {TERM_SECONDS:.0f} s after SIGTERM"
        return passed() if ended else too_late(seen, run.child.pid)


def c05_leaves_nothing_behind(bench: Bench) -> Finding:
    with bare(bench) as run:
        run.first_word(bench)
        run.child.close_stdin()
        if not wait_exit(run.child, EOF_SECONDS if bench.reads_on else 0.0):
            run.child.signal_group(signal.SIGTERM)
            if not wait_exit(run.child, TERM_SECONDS):
                return skipped("it does not end: see C03 and C04")
        until = time.monotonic() + _LEFTOVER_SECONDS
        while (left := _left(run)) and time.monotonic() < until:
            time.sleep(0.02)
    return failed(f"it has ended, and this still runs: {', '.join(left)}") if left else passed()


def c23_ends_when_nobody_reads(bench: Bench) -> Finding:
    if not bench.baseline.spoke:
        return skipped("it said nothing, and so cannot notice")
    if _over(bench):
        return passed("it ends by itself")
    if not bench.reads_on:
        return skipped("it does not read on; when the wrapper is killed, SIGTERM ends it")
    with bare(bench, deaf={"stdout"}) as run:
        until = time.monotonic() + bench.longer + EOF_SECONDS
        while not wait_exit(run.child, _TICK_SECONDS) and time.monotonic() < until:
            if bench.subject.manifest.tick:
                run.tell(('{"type":"tick","seq":1}',))
        ended = run.child.exit_code() is not None
        seen = "its stdout was closed, and it goes on as if somebody listened"
        return passed() if ended else too_late(seen, run.child.pid)


def _over(bench: Bench) -> bool:
    return bool(bench.baseline.ends)


def _left(run: Bare) -> list[str]:
    """Programs that still hold its lock or stand in its session; without /proc none are seen."""
    wanted, found = os.stat(run.lock), set(procfs.members(run.child.pid))
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(_same(fd, wanted) for fd in (entry / "fd").iterdir()):
                found.add(entry)
    others = (entry for entry in sorted(found) if int(entry.name) not in (os.getpid(), run.child.pid))
    return [procfs.command_line(entry) for entry in others if entry.exists()]


def _same(fd: Path, wanted: os.stat_result) -> bool:
    with contextlib.suppress(OSError):
        found = fd.stat()
        return (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino)
    return False
