"""The process of `alertwrap run`: many alerts, one courier. The composition root of the wrapper."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from alertwrap.alert_files import AlertFiles
from alertwrap.delivery.courier import PATH, Courier, Post
from alertwrap.delivery.letters import PATH as LETTERS_PATH
from alertwrap.delivery.post import Answer, Poster
from alertwrap.gathering import Gathering
from alertwrap.hosted import Alerts, place_of
from alertwrap.instruments import NONE, Instruments
from alertwrap.log import Bridge, Log
from alertwrap.manifest import Manifest
from alertwrap.process.limits import raise_open_files
from alertwrap.process.orphans import Undertaker, adopt_orphans
from alertwrap.process.process import is_free
from alertwrap.run.launch import Surroundings
from alertwrap.run.timing import Timing
from alertwrap.service_manager import ServiceManager
from alertwrap.status.herald import PATH as EVENTS_PATH
from alertwrap.status.herald import Herald
from alertwrap.status.published import DIRECTORY as PUBLISHED
from alertwrap.status.published import Published
from alertwrap.status.registrar import Ask, Registrar
from alertwrap.status.tail import Tails
from alertwrap.stdin.notify_watcher import Following
from alertwrap.wrapper import Wrapper

#: sysexits.h: an internal failure; whoever supervises us starts us anew.
EX_SOFTWARE = 70
#: After the alerts have stopped, what they said is delivered for so long; the rest stays in the spool.
DELIVER_SECONDS = 5.0
#: The longest ladder of an alert with what follows it. With the delivery it stays below `children.STOP_SECONDS`.
LADDER_SECONDS = 17.0
#: How often the alerts' files are looked at, and the processes that alerts left alone.
LOOK_SECONDS = 2.0
#: A courier that was told to end by a time is given so much longer.
ENDING_SECONDS = 1.0


@dataclass(frozen=True)
class Setup:
    """Where the server is, and where we keep our things. `listen`: show how things are on this host and port too."""

    server: str
    token: str
    data: Path
    listen: tuple[str, int] | None = None


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


def run_alerts(files: Sequence[Path], setup: Setup, log: Log) -> int:
    """Run the alerts of these files and directories until SIGTERM or SIGINT. Returns the exit code.

    Raises ManifestError, StillAlive and SpoolUnusable for files that were named by themselves.
    """
    ended, failed = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    logging.getLogger().addHandler(Bridge(log))
    adopt_orphans()
    raise_open_files()
    undertaker = Undertaker()
    threads, tails, manager = Threads(log, failed, ended), Tails(), ServiceManager()
    with opened(setup, log, threads, tails=tails, publish=True) as alerts, answering(alerts, tails, setup, threads):
        gathering = Gathering(AlertFiles(files), alerts, log)
        gathering.begin()
        log.info("alertwrap runs", alerts=", ".join(alerts.wrappers), server=setup.server)
        manager.ready()
        while not ended.wait(LOOK_SECONDS):
            gathering.look()
            undertaker.look(alerts.pids)
            manager.alive(len(alerts.wrappers))
        manager.stopping()
    log.info("alertwrap has stopped")
    return EX_SOFTWARE if failed.is_set() else 0


@contextlib.contextmanager
def hosting(
    manifests: Sequence[Manifest], setup: Setup, log: Log, threads: Threads, *,
    environ: Mapping[str, str] = os.environ, timing: Timing | None = None,
    follow: Callable[[tuple[str, ...]], Following] | None = None, post: Post | None = None,
    send: Post | None = None, instruments: Instruments = NONE,
) -> Iterator[list[Wrapper]]:  # fmt: skip
    """Run these alerts inside the block; leaving it stops them and delivers what they said."""
    with opened(
        setup,
        log,
        threads,
        environ=environ,
        timing=timing,
        follow=follow,
        post=post,
        send=send,
        instruments=instruments,
    ) as alerts:
        wrappers = [alerts.add(manifest) for manifest in manifests]
        for wrapper in wrappers:
            alerts.start(wrapper.name)
        yield wrappers


@contextlib.contextmanager
def opened(
    setup: Setup, log: Log, threads: Threads, *, environ: Mapping[str, str] = os.environ,
    timing: Timing | None = None, follow: Callable[[tuple[str, ...]], Following] | None = None,
    post: Post | None = None, send: Post | None = None, instruments: Instruments = NONE, tails: Tails | None = None,
    publish: bool = False,
) -> Iterator[Alerts]:  # fmt: skip
    """A process that alerts can be added to; leaving the block stops them and delivers what they said.

    `follow`, `post` and `send` stand in for the notifier, the notice center and the message sender. `publish`: how each
    of them is doing is told to the notifier, and which shape its configs have to the configurator.
    """
    random = Random()  # noqa: S311 - jitter, not a secret
    kept = tails or Tails()
    published = Published(setup.data / PUBLISHED, lambda name: is_free(place_of(name, setup.data).lock))
    herald = Herald(Poster(setup.server, setup.token, EVENTS_PATH), lambda: alerts.reports, published, log, random)
    registrar = Registrar(_asking(setup), log, random)
    notices = Courier(post or Poster(setup.server, setup.token, PATH), log, random)
    letters = Courier(send or Poster(setup.server, setup.token, LETTERS_PATH), log, random)

    def wake() -> None:
        notices.wake()
        letters.wake()

    around = Surroundings(
        follow or follower(setup), wake, threads.start, environ, timing or Timing(), random, instruments,
        herald.changed, registrar.register,
    )  # fmt: skip
    alerts = Alerts(setup.data, around, notices, letters, lambda name: log.bind(kept.of(name).add, alert=name))
    carrying = [threads.start("courier", notices.run), threads.start("letters", letters.run)]
    if publish:
        carrying.append(threads.start("herald", herald.run))
        threads.start("registrar", registrar.run)
    try:
        yield alerts
    finally:
        registrar.stop()
        alerts.stop(LADDER_SECONDS)
        for carrier in (notices, letters, herald):
            carrier.stop(DELIVER_SECONDS)
        for thread in carrying:
            thread.join(DELIVER_SECONDS + ENDING_SECONDS)
        alerts.close()


@contextlib.contextmanager
def answering(alerts: Alerts, tails: Tails, setup: Setup, threads: Threads) -> Iterator[None]:
    """Answer questions about the alerts, and take orders, inside the block."""
    from alertwrap.status.api import DIRECTORY, StatusServer  # noqa: PLC0415 - only `run` listens

    places: list[Path | tuple[str, int]] = [setup.data / DIRECTORY / f"{os.getpid()}.sock"]
    places += [setup.listen] if setup.listen else []
    servers = [StatusServer(alerts, tails, place) for place in places]
    for server in servers:
        threads.start("status", server.serve_forever)
    try:
        yield
    finally:
        for server in servers:
            server.end()


def _asking(setup: Setup) -> Ask:
    """A connection for each question: there are few of them."""

    def ask(method: Literal["GET", "PUT"], path: str, body: bytes) -> Answer:
        with contextlib.closing(
            Poster(setup.server, setup.token, path, method=method, content_type="application/json")
        ) as poster:
            return poster.post(body)

    return ask


def follower(setup: Setup) -> Callable[[tuple[str, ...]], Following]:
    """How to follow the notifier of this server."""

    def follow(topics: tuple[str, ...]) -> Following:
        from notifier.sync_client import Follower  # noqa: PLC0415 - it brings a websocket library

        return Follower(setup.server, setup.token, topics)

    return follow
