"""The alert started as production starts it, with no wrapper around it: nobody stops it, and nothing is accepted."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

from alertwrap.kit.conformance.bench import QUIET_SECONDS, Bench
from alertwrap.kit.session import unread
from alertwrap.process.process import Child, environment, kill_holders, ready, spawn, wait_exit, wait_free

Stream = Literal["stdout", "stderr"]
#: Its own directory of state, when it has one, inside the given place.
_STATE, _LOCK = "state", "alive"
_LOOK_SECONDS = 0.01
#: What a pipe holds where nobody tells.
_PIPE_BYTES = 64 * 1024
#: What does not fit into its pipe is offered for so long; an alert that reads needs far less.
_OFFER_SECONDS = 2.0
#: What was killed is gone within this.
_END_SECONDS = 2.0


class Bare:
    """`out` is heard by a thread of ours while it runs; `child` and `lock` are as production has them."""

    def __init__(self, child: Child, lock: Path) -> None:
        self.child = child
        self.lock = lock
        self._out = bytearray()
        self._heard_at = time.monotonic()

    def hear(self, stream: int) -> None:
        """Read this stream of it to the end, and close it."""
        threading.Thread(target=self._hear, args=(stream,), daemon=True).start()

    def tell(self, lines: Sequence[str]) -> None:
        """As far as it reads; nobody waits for long."""
        rest, until = "".join(line + "\n" for line in lines).encode(), time.monotonic() + _OFFER_SECONDS
        with contextlib.suppress(BrokenPipeError):
            while rest and self.child.stdin is not None and time.monotonic() < until:
                with contextlib.suppress(BlockingIOError):
                    rest = rest[os.write(self.child.stdin, rest) :]
                if rest:
                    ready(self.child.stdin, select.POLLOUT, _LOOK_SECONDS)

    def printed(self) -> list[str]:
        """The whole lines that it has printed."""
        return bytes(self._out).decode("utf-8", "replace").split("\n")[:-1]

    @property
    def log_is_full(self) -> bool:
        """Whether its stderr, which nobody reads, holds no more."""
        how_much = getattr(fcntl, "F_GETPIPE_SZ", None)  # Linux alone tells
        size = fcntl.fcntl(self.child.stderr, how_much) if how_much else _PIPE_BYTES
        return unread(self.child.stderr) + select.PIPE_BUF > size

    def wait(self, condition: Callable[[], object], seconds: float) -> bool:
        """Whether that became true within `seconds`, while it ran."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until or self.child.exit_code() is not None:
                return bool(condition())
            time.sleep(_LOOK_SECONDS)
        return True

    def first_word(self, bench: Bench) -> bool:
        """Wait until it speaks, if it is one that does, and has taken what it was told."""
        spoken = self.wait(lambda: self._out, bench.longer) if bench.baseline.spoke else True
        self.wait(lambda: self.child.unread() == 0, bench.longer if bench.reads_on else QUIET_SECONDS)
        return spoken

    def settle(self, bench: Bench) -> None:
        """Until it has said what it has to say: its first word, then silence."""
        self.first_word(bench)
        self.wait(lambda: time.monotonic() - self._heard_at > QUIET_SECONDS, bench.longer)

    def _hear(self, stream: int) -> None:
        os.set_blocking(stream, True)
        while data := os.read(stream, 65536):
            if stream == self.child.stdout:
                self._out += data
                self._heard_at = time.monotonic()
        os.close(stream)


@contextlib.contextmanager
def bare(
    bench: Bench, *, told: Sequence[str] | None = None, deaf: Collection[Stream] = (), place: Path | None = None
) -> Iterator[Bare]:
    """Told what it was told when nothing was wrong, or these lines. Its end is left to the block.

    `deaf` to "stdout": it is closed before the alert is told anything; to "stderr": nobody reads it. `place`: where
    its state is, for one that is started there again.
    """
    with tempfile.TemporaryDirectory(prefix="alertwrap-") as directory:
        home = place or Path(directory)
        (home / _STATE).mkdir(exist_ok=True, mode=0o700)
        manifest, lock = bench.subject.manifest, home / _LOCK
        child = spawn(manifest, environment(manifest, os.environ, "check", home / _STATE), lock)
        run = Bare(child, lock)
        try:
            if "stdout" in deaf:
                os.close(child.stdout)
            else:
                run.hear(child.stdout)
            if "stderr" not in deaf:
                run.hear(child.stderr)
            run.tell(bench.baseline.told if told is None else told)
            if manifest.stdin == "once":
                child.close_stdin()
            yield run
        finally:
            child.signal_group(signal.SIGKILL)
            kill_holders(lock)
            wait_exit(child, _END_SECONDS)
            wait_free(lock, _END_SECONDS)
            child.close()
            if "stderr" in deaf:
                os.close(child.stderr)
