"""`alertwrap run`, killed with SIGKILL at random moments again and again; then run once more and ended politely.

`python -m tests.alertwrap.kill_many URL DATA FILE KILLS SEED [BROKEN]`. Each run is a process, forked from one
that has imported everything, so that hundreds of kills take a minute. BROKEN names a law that they break.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import notifier.sync_client
from alertwrap.host import Setup, run_alerts
from alertwrap.log import Log
from alertwrap.spool import spool
from alertwrap.spool.entries import Entry, StateChange
from tests.fakes.server import TOKEN

assert notifier.sync_client is not None


def state_first() -> None:
    """A checkpoint is committed at once, and the notices that it covers with what is said next."""
    honest = spool.Spool.append
    late: list[Entry] = []

    def append(self, entries, **more):  # type: ignore[no-untyped-def]
        now = [*late, *(entry for entry in entries if isinstance(entry, StateChange))]
        late[:] = [entry for entry in entries if not isinstance(entry, StateChange)]
        return honest(self, now, **more)

    spool.Spool.append = append  # type: ignore[method-assign]


def done_before_sent() -> None:
    """What is about to be sent is taken out of the spool."""
    from alertwrap.delivery import courier
    from alertwrap.delivery.retry import Judgement

    honest = courier.Courier._ask

    def ask(self, items):  # type: ignore[no-untyped-def]
        self._settle(items, Judgement("settle", done=frozenset(item.row.id for item in items)))
        time.sleep(0.01)  # a slow network
        return honest(self, items)

    courier.Courier._ask = ask  # type: ignore[method-assign]


BROKEN = {"state first": state_first, "done before sent": done_before_sent}


def run(setup: Setup, file: Path) -> None:
    os.setsid()
    with open(setup.data / "log", "a") as out:
        code = run_alerts([file], setup, Log(out=out))
    os._exit(code)


def main(url: str, data: str, file: str, kills: str, seed: str, *broken: str) -> int:
    for name in broken:
        BROKEN[name]()
    chance = random.Random(int(seed))
    setup = Setup(url, TOKEN, Path(data))
    setup.data.mkdir(exist_ok=True)
    for _ in range(int(kills)):
        pid = os.fork()
        if pid == 0:
            run(setup, Path(file))
        time.sleep(chance.uniform(0.02, 0.4))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    pid = os.fork()
    if pid == 0:
        run(setup, Path(file))
    time.sleep(2)
    os.kill(pid, signal.SIGTERM)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
