"""The process of `alertwrap run`: many alerts, one courier. The composition root of the wrapper."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from alertwrap.delivery import PATH, Courier, Route
from alertwrap.entries import Row
from alertwrap.log import Bridge, Log
from alertwrap.manifest import Manifest
from alertwrap.notify_watcher import Following
from alertwrap.operational import NAME, Operational
from alertwrap.orphans import Undertaker, adopt_orphans
from alertwrap.post import Poster
from alertwrap.process import StillAlive, take_lock
from alertwrap.spool import Spool
from alertwrap.timing import Timing
from alertwrap.wrapper import Place, Surroundings, Wrapper

#: sysexits.h: an internal failure; whoever supervises us starts us anew.
EX_SOFTWARE = 70
#: After the alerts have stopped, what they said is delivered for so long; the rest stays in the spool.
DELIVER_SECONDS = 5.0
#: The longest ladder of an alert with what follows it. With the delivery it stays below `children.STOP_SECONDS`.
LADDER_SECONDS = 17.0
#: Processes that alerts left alone stay in the table so long after their end.
_BURY_SECONDS = 10.0
#: A courier that was told to end by a time is given so much longer.
ENDING_SECONDS = 1.0


@dataclass(frozen=True)
class Setup:
    """Where the server is, and where we keep our things."""

    server: str
    token: str
    data: Path


class Threads:
    """Threads that live and die together: the first to fail ends the process, since nobody would miss its work."""

    def __init__(self, log: Log, failed: threading.Event, ended: threading.Event) -> None:
        self._log = log
        self._failed = failed
        self._ended = ended

    def start(self, name: str, main: Callable[[], None]) -> threading.Thread:
        """Run `main` in a thread of this name."""
        thread = threading.Thread(target=self._guarded, args=(name, main), name=name, daemon=True)
        thread.start()
        return thread

    def _guarded(self, name: str, main: Callable[[], None]) -> None:
        try:
            main()
        except BaseException as error:
            import traceback  # noqa: PLC0415 - only when all is lost

            self._log.error("a thread failed", thread=name, reason=repr(error), trace=traceback.format_exc())
            self._failed.set()
            self._ended.set()


def run_alerts(manifests: Sequence[Manifest], setup: Setup, log: Log) -> int:
    """Run these alerts until SIGTERM or SIGINT. Returns the exit code. Raises StillAlive, SpoolUnusable."""
    ended, failed = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    logging.getLogger().addHandler(Bridge(log))
    adopt_orphans()
    undertaker = Undertaker()
    with hosting(manifests, setup, log, Threads(log, failed, ended)) as wrappers:
        while not ended.wait(_BURY_SECONDS):
            undertaker.look({wrapper.pid for wrapper in wrappers if wrapper.pid is not None})
    log.info("alertwrap has stopped")
    return EX_SOFTWARE if failed.is_set() else 0


@contextlib.contextmanager
def hosting(
    manifests: Sequence[Manifest], setup: Setup, log: Log, threads: Threads, *,
    environ: Mapping[str, str] = os.environ, timing: Timing | None = None,
    follow: Callable[[tuple[str, ...]], Following] | None = None,
) -> Iterator[list[Wrapper]]:  # fmt: skip
    """Run these alerts inside the block; leaving it stops them and delivers what they said."""
    random = Random()  # noqa: S311 - jitter, not a secret
    courier = Courier(Poster(setup.server, setup.token, PATH), log, random)
    around = Surroundings(follow or follower(setup), courier.wake, threads.start, environ, timing or Timing(), random)
    with contextlib.ExitStack() as stack:
        wrappers = [_open(manifest, setup.data, stack, courier, around, log) for manifest in manifests]
        carrying = threads.start("courier", courier.run)
        running = [threads.start(f"main:{wrapper.name}", wrapper.run) for wrapper in wrappers]
        log.info("alertwrap runs", alerts=", ".join(manifest.name for manifest in manifests), server=setup.server)
        try:
            yield wrappers
        finally:
            for wrapper in wrappers:
                wrapper.stop()
            until = time.monotonic() + LADDER_SECONDS
            for thread in running:
                thread.join(max(0.0, until - time.monotonic()))
            courier.stop(DELIVER_SECONDS)
            carrying.join(DELIVER_SECONDS + ENDING_SECONDS)


def follower(setup: Setup) -> Callable[[tuple[str, ...]], Following]:
    """How to follow the notifier of this server."""

    def follow(topics: tuple[str, ...]) -> Following:
        from notifier.sync_client import Follower  # noqa: PLC0415 - it brings a websocket library

        return Follower(setup.server, setup.token, topics)

    return follow


def _open(
    manifest: Manifest, data: Path, stack: contextlib.ExitStack, courier: Courier, around: Surroundings, log: Log
) -> Wrapper:
    place = place_of(manifest.name, data)
    place.spool.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        stack.callback(os.close, take_lock(place.lock))
    except StillAlive:
        raise StillAlive(f"{manifest.name}: another alertwrap runs this alert on {data}") from None
    spool = Spool(place.spool)
    stack.callback(spool.close)
    bound = log.bind(alert=manifest.name)
    wrapper = Wrapper(manifest, place, spool, around, bound)
    spool.on_recovered = lambda what: wrapper.operational.say(
        "spool_corrupt", f"{manifest.name}: the spool was damaged", what, severity="error"
    )
    if spool.recovered:
        spool.on_recovered(spool.recovered)
    courier.carry(Route(spool, _teller(wrapper.operational, manifest.name, bound)))
    return wrapper


def place_of(alert: str, data: Path) -> Place:
    """Where the alert of this name keeps its things under the data directory."""
    spool = data / "spool"
    return Place(spool / f"{alert}.db", spool / f"{alert}.lock", spool / f"{alert}.alive", data / "state" / alert)


def _teller(operational: Operational, alert: str, log: Log) -> Callable[[Row, str], None]:
    def tell(row: Row, reason: str) -> None:
        if f'"alert":"{NAME}"' in row.text:
            log.error("the notice center refused a notice of ours", id=row.id, reason=reason)  # and not a notice of it
        else:
            message = f"It is kept as a dead letter.\n\n{reason}\n\n```\n{row.text[:2000]}\n```"
            operational.say("dead_letter", f"A notice of {alert} was refused", message, severity="error")

    return tell
