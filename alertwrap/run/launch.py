"""How a run of an alert begins: secrets, environment, process, line 1, and the thread that hears it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from alertwrap.instruments import Instruments
from alertwrap.log import Log
from alertwrap.manifest import Manifest
from alertwrap.process.process import Child, StillAlive, environment, kill_holders, spawn, wait_free
from alertwrap.process.program import CannotRun
from alertwrap.run.conversation import FEATURES, Conversation
from alertwrap.run.one_run import Parts
from alertwrap.run.operational import Operational
from alertwrap.run.supervision import Reason
from alertwrap.run.timing import Timing
from alertwrap.run.waker import Waker
from alertwrap.spool.spool import Spool
from alertwrap.status.health import Health
from alertwrap.stdin.answers import Answers
from alertwrap.stdin.awaited_verdict import AwaitedVerdict
from alertwrap.stdin.config_book import ConfigBook
from alertwrap.stdin.consumption import Consumption
from alertwrap.stdin.feed import Feed
from alertwrap.stdin.notify_watcher import Following
from alertwrap.stdin.secret_source import read_secrets
from alertwrap.stdin.world import Item, World
from alertwrap.stdout.alert_watcher import AlertWatcher
from alertwrap.stdout.hearing import Ears
from alertwrap.stdout.protocol import MAX_LINE
from wire.ids import new_id
from wire.times import rfc3339, utc_now

#: What an earlier run gets to end after each signal.
_ORPHAN_SECONDS = 0.5


@dataclass(frozen=True)
class Place:
    """Where one alert keeps its things. `lock` is held by us, `alive` by the alert and what it starts."""

    spool: Path
    lock: Path
    alive: Path
    state: Path


@dataclass(frozen=True)
class Surroundings:
    """What the process gives to each of its wrappers. `changed`: the alert of this name is doing otherwise;
    `register`: its configs have a metric of this schema."""

    follow: Callable[[tuple[str, ...]], Following]
    wake_courier: Callable[[], None]
    start_thread: Callable[[str, Callable[[], None]], threading.Thread]
    environ: Mapping[str, str]
    timing: Timing
    random: Random
    instruments: Instruments
    changed: Callable[[str], None] = lambda _: None
    register: Callable[[str, dict[str, Any]], None] = lambda *_: None


@dataclass(frozen=True)
class Belongings:
    """What outlives the runs of one alert."""

    manifest: Manifest
    place: Place
    spool: Spool
    around: Surroundings
    log: Log
    operational: Operational
    world: World
    book: ConfigBook
    answers: Answers
    health: Health
    waker: Waker
    stopping: threading.Event


def launch(ours: Belongings, reason: Reason, attempt: int) -> Parts:
    """Start the alert and the thread that hears it. Raises CannotRun."""
    run = new_id()
    secrets = _secrets(ours)
    ours.place.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    child = _spawn(ours, environment(ours.manifest, ours.around.environ, run, ours.place.state))
    ours.log.info("the alert has started", pid=child.pid, reason=reason, attempt=attempt)
    first = _config_line(ours, {"id": run, "attempt": attempt, "reason": reason}, secrets)
    conversation = Conversation(lambda item: feed.urge(item), ours.waker.wake)  # noqa: PLW0108 - it is made below
    conversation.checkpoints = ours.answers.checkpoints
    feed: Feed = ours.around.instruments.feed(
        ours.world, first, once=ours.manifest.stdin == "once", refused=lambda item, size: _refused(ours, item, size),
        spoken=conversation.line, answers=ours.answers,
    )  # fmt: skip
    watcher = AlertWatcher(_ears(ours), conversation, child.stdout, child.stderr)
    watching = ours.around.start_thread(f"alert:{ours.manifest.name}", watcher.run)
    timing = ours.around.timing
    consumption = Consumption(ours.manifest.name, feed, ours.operational, timing.not_consuming)
    verdict = AwaitedVerdict(ours.manifest.name, feed, conversation, ours.operational, timing.verdict)
    return Parts(child, feed, watcher, watching, conversation, consumption, verdict)


def _ears(ours: Belongings) -> Ears:
    def implied_config() -> str | None:
        configs = ours.book.current
        return str(configs[0]["id"]) if len(configs) == 1 else None

    return Ears(
        ours.manifest.name, ours.manifest.format == "text", ours.spool, ours.log, ours.operational,
        ours.around.wake_courier, implied_config, ours.health, ours.answers.find, ours.around.instruments.tap,
        ours.manifest.directory,
    )  # fmt: skip


def _spawn(ours: Belongings, environ: Mapping[str, str]) -> Child:
    """One that an earlier wrapper left behind must end first: two of one alert would say everything twice."""
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
        try:
            return spawn(ours.manifest, environ, ours.place.alive)
        except StillAlive:
            ended = kill_holders(ours.place.alive, number)
            ours.log.warning("an earlier run of the alert is still alive", ended=ended)
            wait_free(ours.place.alive, _ORPHAN_SECONDS)  # in any case: it must be gone when we go
    raise CannotRun("system", "an earlier run of it is still alive and cannot be ended")


def _config_line(ours: Belongings, run: dict[str, Any], secrets: dict[str, str]) -> Callable[[int], dict[str, Any]]:
    def render(revision: int) -> dict[str, Any]:
        return {
            "type": "config", "v": 1, "at": rfc3339(utc_now()), "rev": revision, "alert": ours.manifest.name,
            "run": run, "configs": ours.book.sent(revision), "secrets": secrets if revision == 1 else {},
            "state": ours.spool.state(), "open": ours.spool.open(),
            "limits": {"max_in": MAX_LINE, "max_out": MAX_LINE}, "features": list(FEATURES),
            "dry_run": ours.around.instruments.dry_run,
        }  # fmt: skip

    return render


def _secrets(ours: Belongings) -> dict[str, str]:
    try:
        secrets = read_secrets(ours.manifest, ours.around.environ)
    except ValueError as error:
        raise CannotRun("system", str(error)) from None
    for value in secrets.values():
        ours.log.hide(value)
    return secrets


def _refused(ours: Belongings, item: Item, size: int) -> None:
    title = f"{ours.manifest.name} was not told of {item.topic}/{item.key}"
    ours.operational.say("line_refused", title, f"Its line of {size} bytes is over the limit of {MAX_LINE}.")
