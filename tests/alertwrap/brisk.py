"""`alertwrap run` in a hurry: every patience short, and a ledger of what was accepted.

`python -m tests.alertwrap.brisk URL DATA LEDGER FILE [BROKEN]`. BROKEN names a law that this process breaks.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

from alertwrap import host
from alertwrap.delivery import courier
from alertwrap.host import Setup, run_alerts
from alertwrap.log import Log
from alertwrap.process import process
from alertwrap.run import one_run, stop
from alertwrap.run.operational import Operational
from alertwrap.run.timing import Ladder, Policy, Timing
from alertwrap.spool.entries import Accepted
from alertwrap.spool.file import connect, prepare
from alertwrap.spool.spool import Spool, SpoolFull
from alertwrap.stdout.alert_watcher import AlertWatcher
from tests.fakes.server import TOKEN

#: In the order of the real ones, a tenth as long.
TIMING = Timing(
    policy=Policy(
        first_backoff=0.05, longest_backoff=0.1, loop_crashes=3, loop_retry=0.3, try_again=0.2, completed_gap=0.05
    ),
    ladder=Ladder(flush=0.1, eof=0.5, eof_unread=0.1, term=0.5, kill=2.0),
    first_configs=0.5, config_unread=0.3, config_debounce=0.1, config_gap=0.3, look_at_program=0.1,
)  # fmt: skip


def hurry() -> None:
    host.Timing = lambda: TIMING  # type: ignore[assignment, misc]
    host.DELIVER_SECONDS = 1.0
    courier.backoff = lambda *_: 0.1


def keep_ledger(file: Path) -> None:
    """Each id on a line of its own, once it is committed."""
    honest = Spool.append
    out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self, entries, **more):  # type: ignore[no-untyped-def]
        with self._lock:
            accepted = honest(self, entries, **more)
            ids = [row.id for row in self.pending(10**6, 10**9, after=accepted.last - accepted.new)]
        os.write(out, "".join(name + "\n" for name in ids[: accepted.new]).encode())
        return accepted

    Spool.append = append  # type: ignore[method-assign]


def patient_for_ever() -> None:
    """The ladder ends with SIGTERM: whoever ignores that is waited for."""
    honest = stop.stop
    one_run.stop = lambda child, feed, ladder: honest(  # type: ignore[assignment]
        child, feed, dataclasses.replace(ladder, term=10**6)
    )


def blind_for_escapees() -> None:
    """What has left the session of the alert is left alone."""
    one_run.kill_holders = lambda *_: 0  # type: ignore[assignment]
    process.kill_holders = lambda *_: 0  # type: ignore[assignment]


def forgetful_at_the_end() -> None:
    """What is not delivered when the process ends is thrown away."""
    honest = Spool.close

    def close(self):  # type: ignore[no-untyped-def]
        self._db.execute("DELETE FROM pending")
        honest(self)

    Spool.close = close  # type: ignore[method-assign]


def failing_at_the_end() -> None:
    """The thread that ends an alert dies of it."""

    def finish(self, **_):  # type: ignore[no-untyped-def]
        raise RuntimeError("broken on purpose")

    AlertWatcher.finish = finish  # type: ignore[method-assign]


def dropping_when_full() -> None:
    """What finds no room is taken for accepted."""
    honest = Spool.append

    def append(self, entries, **more):  # type: ignore[no-untyped-def]
        try:
            return honest(self, entries, **more)
        except SpoolFull:
            return Accepted()

    Spool.append = append  # type: ignore[method-assign]


def beginning_anew_when_full() -> None:
    """What is oldest makes room for what is new."""
    honest = Spool.append

    def append(self, entries, **more):  # type: ignore[no-untyped-def]
        try:
            return honest(self, entries, **more)
        except SpoolFull:
            with self._lock:
                self._db.close()
                for file in self.path.parent.glob(f"{self.path.name}*"):
                    file.unlink()
                prepare(self.path)
                self._db = connect(self.path)
                self.waiting = self._count()
            return honest(self, entries, **more)

    Spool.append = append  # type: ignore[method-assign]


def giving_up_when_full() -> None:
    """A disk that was full once is taken for full for ever."""
    honest, full = Spool.append, []

    def append(self, entries, **more):  # type: ignore[no-untyped-def]
        if full:
            raise SpoolFull("it was full before")
        try:
            return honest(self, entries, **more)
        except SpoolFull:
            full.append(True)
            raise

    Spool.append = append  # type: ignore[method-assign]


def quiet_when_full() -> None:
    """Nobody is told that the alert waits."""
    honest = Operational.say

    def say(self, kind, *words, **more):  # type: ignore[no-untyped-def]
        if kind != "stopped_reading":
            honest(self, kind, *words, **more)

    Operational.say = say  # type: ignore[method-assign]


OF_THE_DISK = {
    one.__name__: one for one in (dropping_when_full, beginning_anew_when_full, giving_up_when_full, quiet_when_full)
}
OF_THE_END = {
    one.__name__: one for one in (patient_for_ever, blind_for_escapees, forgetful_at_the_end, failing_at_the_end)
}
BROKEN = OF_THE_DISK | OF_THE_END


def main(url: str, data: str, ledger: str, file: str, *broken: str) -> int:
    hurry()
    keep_ledger(Path(ledger))
    for name in broken:
        BROKEN[name]()
    return run_alerts([Path(file)], Setup(url, TOKEN, Path(data)), Log(as_json=True))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
