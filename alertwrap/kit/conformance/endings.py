"""Rows about how an alert ends: politely, in time, and with nothing left behind. Run without the wrapper's ladder."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from alertwrap.kit.conformance.bench import Bench, Finding, failed, passed, skipped
from alertwrap.process import Child, environment, kill_holders, spawn, wait_exit

#: What production gives it on each step.
EOF_SECONDS, TERM_SECONDS = 5.0, 5.0
#: After its end, its helpers get this long to follow.
_LEFTOVER_SECONDS = 1.0
_TICK_SECONDS = 0.3


class Bare:
    """The alert started as production starts it, with nobody who stops it."""

    def __init__(self, child: Child, lock: Path) -> None:
        self.child = child
        self.lock = lock
        self.printed = threading.Event()
        self._drains = [threading.Thread(target=self._drain, args=(fd,), daemon=True) for fd in (child.stderr,)]

    def drain_stdout(self) -> None:
        self._drains.append(threading.Thread(target=self._drain, args=(self.child.stdout,), daemon=True))

    def listen(self) -> None:
        for thread in self._drains:
            thread.start()

    def tell(self, lines: tuple[str, ...]) -> None:
        """As far as it reads; nobody waits for it."""
        for line in lines:
            with contextlib.suppress(BlockingIOError, BrokenPipeError):
                if self.child.stdin is not None:
                    os.write(self.child.stdin, line.encode() + b"\n")

    def _drain(self, fd: int) -> None:
        os.set_blocking(fd, True)
        with contextlib.suppress(OSError):
            while os.read(fd, 65536):
                if fd == self.child.stdout:
                    self.printed.set()


@contextlib.contextmanager
def bare(bench: Bench, *, deaf: bool = False) -> Iterator[Bare]:
    """Told what it was told when nothing was wrong. `deaf`: its stdout is closed before that."""
    manifest = bench.subject.manifest
    told = bench.baseline.told
    with tempfile.TemporaryDirectory(prefix="alertwrap-") as directory:
        lock = Path(directory, "alive")
        child = spawn(manifest, environment(manifest, os.environ, "check", Path(directory)), lock)
        run = Bare(child, lock)
        try:
            if deaf:
                os.close(child.stdout)
            else:
                run.drain_stdout()
            run.listen()
            run.tell(told)
            yield run
        finally:
            child.signal_group(signal.SIGKILL)
            kill_holders(lock)
            wait_exit(child, 2)
            child.close()


def c03_ends_at_the_end_of_stdin(bench: Bench) -> Finding:
    if _over(bench):
        return passed("it ends by itself")
    if not bench.reads_on:
        return skipped("it does not read after line 1, so it cannot know; it is ended by SIGTERM")
    with bare(bench) as run:
        run.printed.wait(bench.longer if bench.baseline.spoke else 0.5)
        run.child.close_stdin()
        ended = wait_exit(run.child, EOF_SECONDS)
        return passed() if ended else failed(f"it still runs {EOF_SECONDS:.0f} s after its stdin was closed")


def c04_ends_at_term(bench: Bench) -> Finding:
    if _over(bench):
        return passed("it ends by itself")
    with bare(bench) as run:
        run.printed.wait(bench.longer if bench.baseline.spoke else 0.5)
        run.child.signal_group(signal.SIGTERM)
        ended = wait_exit(run.child, TERM_SECONDS)
        return passed() if ended else failed(f"it still runs {TERM_SECONDS:.0f} s after SIGTERM")


def c05_leaves_nothing_behind(bench: Bench) -> Finding:
    with bare(bench) as run:
        run.printed.wait(bench.longer if bench.baseline.spoke else 0.5)
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
    with bare(bench, deaf=True) as run:
        until = time.monotonic() + bench.longer + EOF_SECONDS
        while not wait_exit(run.child, _TICK_SECONDS) and time.monotonic() < until:
            if bench.subject.manifest.tick:
                run.tell(('{"type":"tick","seq":1}',))
        ended = run.child.exit_code() is not None
        return passed() if ended else failed("its stdout was closed, and it goes on as if somebody listened")


def _over(bench: Bench) -> bool:
    return bool(bench.baseline.ends)


def _left(run: Bare) -> list[str]:
    """Programs that still hold its lock or stand in its session; without /proc none are seen."""
    wanted, found = os.stat(run.lock), []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            ours = int(fields[3]) == run.child.pid and fields[0] != "Z"
            holds = any(_same(fd, wanted) for fd in (entry / "fd").iterdir()) if not ours else True
            if holds and int(entry.name) not in (os.getpid(), run.child.pid):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
    return found


def _same(fd: Path, wanted: os.stat_result) -> bool:
    with contextlib.suppress(OSError):
        found = fd.stat()
        return (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino)
    return False
