"""One alert: the main thread, which starts it, speaks to it, watches over it and stops it.

Beside it run two more threads: the AlertWatcher reads what the alert says, the NotifyWatcher follows what it has to
hear. The main thread alone owns the process and its stdin, so starting, writing and stopping need no locks.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from alertwrap.alert_watcher import AlertWatcher, Ears
from alertwrap.feed import Feed
from alertwrap.log import Log
from alertwrap.manifest import Manifest
from alertwrap.news import News
from alertwrap.notify_watcher import REMEMBERED, Following, NotifyWatcher
from alertwrap.one_run import Asks, OneRun
from alertwrap.operational import Operational
from alertwrap.process import CannotRun, Child, StillAlive, environment, kill_holders, spawn
from alertwrap.protocol import MAX_LINE
from alertwrap.secret_source import read_secrets
from alertwrap.spool import Spool
from alertwrap.supervision import Event, Reason, Situation, Step, What, decide, meaning, reason_after
from alertwrap.timing import Timing
from alertwrap.waker import Waker
from alertwrap.world import CONFIG, RECIPIENT, Item, World
from wire.ids import new_id
from wire.times import rfc3339, utc_now


@dataclass(frozen=True)
class Place:
    """Where one alert keeps its things. `lock` is held by us, `alive` by the alert and what it starts."""

    spool: Path
    lock: Path
    alive: Path
    state: Path


@dataclass(frozen=True)
class Surroundings:
    """What the process gives to each of its wrappers."""

    follow: Callable[[tuple[str, ...]], Following]
    wake_courier: Callable[[], None]
    start_thread: Callable[[str, Callable[[], None]], threading.Thread]
    environ: Mapping[str, str]
    timing: Timing
    random: Random


#: What an earlier run gets to end after each signal.
_ORPHAN_SECONDS = 0.5


class Wrapper:
    """`run` is a thread's main; `stop` ends it through the ladder. `pid` is the alert's while its exit is awaited."""

    def __init__(self, manifest: Manifest, place: Place, spool: Spool, around: Surroundings, log: Log) -> None:
        self.name = manifest.name
        self.operational = Operational(manifest.name, spool, log, around.wake_courier, time.monotonic)
        self.world = World(manifest.name, manifest.watch)
        self.world.remembered(spool.recall(REMEMBERED) or [])
        self._manifest = manifest
        self._place = place
        self._spool = spool
        self._around = around
        self._timing = around.timing
        self._log = log
        self._notify = NotifyWatcher(around.follow, self.world, spool, log, self._world_changed, around.random)
        self._waker = Waker()
        self._stopping = threading.Event()
        self._news = News()
        self._feed: Feed | None = None
        self.pid: int | None = None
        self._situation = Situation()
        self._attempt = 0
        self._last_config_restart = float("-inf")

    @property
    def situation(self) -> Situation:
        """Where the alert stands now."""
        return self._situation

    def stop(self) -> None:
        """End the alert through the ladder; `run` returns when that is done."""
        self._stopping.set()
        self._notify.stop()
        self._waker.wake()

    def run(self) -> None:
        """Run the alert again and again, as the table says, until stopped."""
        following = self._around.start_thread(f"notify:{self.name}", self._notify.run)
        try:
            self._wait_for_world()
            reason: Reason | None = "first"
            while reason is not None and not self._stopping.is_set():
                reason = self._pause(self._run_once(reason))
        finally:
            self._notify.stop()
            following.join(3)
            self._apply(self._event("stopped"))

    def _world_changed(self, items: list[Item], resynced: bool) -> None:
        """Called by the NotifyWatcher's thread."""
        feed = self._feed
        if feed is not None:
            heard = [item for item in items if item.topic != CONFIG or self._manifest.on_config != "restart"]
            feed.mark(heard, resynced=resynced)
        self._news.add({item.topic for item in items})
        self._waker.wake()

    def _wait_for_world(self) -> None:
        """Line 1 needs the configs. Without the notifier the alert starts from those of the last time."""
        until = time.monotonic() + self._timing.first_configs
        once = self._manifest.stdin == "once"
        while not self._stopping.is_set() and time.monotonic() < until:
            if self.world.synced if once else self.world.knows(CONFIG):
                return
            self._waker.sleep(until - time.monotonic())
        if not self._stopping.is_set():
            self._log.warning("the notifier does not answer; starting with the configs of the last time")

    def _pause(self, event: Event) -> Reason | None:
        """Let the table decide, and wait as it says. Returns the reason for the next run, None for none."""
        step = self._apply(event)
        reason = reason_after(event.what)
        start_at, remind_at = _at(step.start_in), _at(step.remind_in)
        program = self._program_stamp()
        while not self._stopping.is_set():
            now = time.monotonic()
            if start_at is not None and now >= start_at:
                return reason
            if remind_at is not None and now >= remind_at:
                remind_at = _at(self._apply(self._event("reminder", event.detail)).remind_in)
            sooner = self._reason_to_run(program)
            if sooner is not None:
                reason, program = sooner, self._program_stamp()
                times = [at for at in (start_at, _at(self._apply(self._event("changed")).start_in)) if at is not None]
                start_at = min(times, default=None)
            look_at = now + self._timing.look_at_program
            self._waker.sleep(min(at for at in (start_at, remind_at, look_at) if at is not None) - now)
        return None

    def _reason_to_run(self, program: float | None) -> Reason | None:
        state = self._situation.state
        if self._news.take(CONFIG):
            return "config"
        if state in ("HELD", "BACKOFF", "CRASH_LOOP") and self._program_stamp() != program:
            return "deploy"
        return "entity" if state == "COMPLETED" and self._news.take(*self._manifest.watch) else None

    def _program_stamp(self) -> float | None:
        try:
            return self._manifest.program.stat().st_mtime if self._manifest.program else None
        except OSError:
            return None

    def _apply(self, event: Event) -> Step:
        """Take the step that the table names, and say what it wants said."""
        interval = self._manifest.interval.total_seconds() if self._manifest.interval else None
        step = decide(self._situation, event, self._timing.policy, self._around.random, interval)
        if step.situation.state != self._situation.state:
            self._log.info("the alert is now " + step.situation.state, because=event.detail or event.what)
        self._situation = step.situation
        if step.word is not None:
            title = step.word.title.format(alert=self.name)
            severity = "warning" if step.word.kind == "held" else "error"
            self.operational.say(
                step.word.kind, title, step.word.message, severity=severity, resolved=step.word.resolved, at_once=True
            )
        return step

    def _event(self, what: What, detail: str = "", stderr: str = "") -> Event:
        return Event(what, time.monotonic(), detail, stderr)

    def _run_once(self, reason: Reason) -> Event:
        self._attempt += 1
        self._news.take(CONFIG, RECIPIENT, *self._manifest.watch)
        try:
            run = self._start(reason)
        except CannotRun as error:
            return self._event("cannot_run", str(error))
        self._apply(self._event("started"))
        try:
            run.attend()
            if run.ended_by_us == "stop":
                self._apply(self._event("stop"))
        finally:
            self._feed = None
            run.clean_up(self._place.alive)
            if run.child.exit_code() is not None:
                self.pid = None
        self._last_config_restart = run.last_config_restart
        if run.missed_config:
            self._news.add({CONFIG})
        return self._verdict(run)

    def _start(self, reason: Reason) -> OneRun:
        run = new_id()
        secrets = self._secrets()
        self._place.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        child = self._spawn(environment(self._manifest, self._around.environ, run, self._place.state))
        self.pid = child.pid
        self._log.info("the alert has started", pid=child.pid, reason=reason, attempt=self._attempt)
        first = self._config_line({"id": run, "attempt": self._attempt, "reason": reason}, secrets)
        feed = Feed(self.world, first, once=self._manifest.stdin == "once", refused=self._line_refused)
        self._feed = feed
        ears = Ears(
            self.name, self._manifest.format == "text", self._spool, self._log, self.operational,
            self._around.wake_courier, self._implied_config,
        )  # fmt: skip
        watcher = AlertWatcher(ears, child.stdout, child.stderr)
        watching = self._around.start_thread(f"alert:{self.name}", watcher.run)
        asks = Asks(
            self._waker, self._stopping, lambda: self.world.configs, lambda: self._news.take(CONFIG), self._on_stable
        )
        return OneRun(self._manifest, self._timing, child, feed, watcher, watching, asks, self._last_config_restart)

    def _spawn(self, environ: Mapping[str, str]) -> Child:
        """One that an earlier wrapper left behind must end first: two of one alert would say everything twice."""
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
            try:
                return spawn(self._manifest, environ, self._place.alive)
            except StillAlive:
                ended = kill_holders(self._place.alive, number)
                self._log.warning("an earlier run of the alert is still alive", ended=ended)
                self._stopping.wait(_ORPHAN_SECONDS)  # not the waker: news would cut its time short
        raise CannotRun("system", "an earlier run of it is still alive and cannot be ended")

    def _config_line(self, run: dict[str, Any], secrets: dict[str, str]) -> Callable[[int], dict[str, Any]]:
        def render(revision: int) -> dict[str, Any]:
            return {
                "type": "config", "v": 1, "at": rfc3339(utc_now()), "rev": revision, "alert": self.name, "run": run,
                "configs": self.world.configs, "secrets": secrets if revision == 1 else {},
                "state": self._spool.state(), "open": self._spool.open(),
                "limits": {"max_in": MAX_LINE, "max_out": MAX_LINE}, "features": [], "dry_run": False,
            }  # fmt: skip

        return render

    def _secrets(self) -> dict[str, str]:
        try:
            secrets = read_secrets(self._manifest, self._around.environ)
        except ValueError as error:
            raise CannotRun("system", str(error)) from None
        for value in secrets.values():
            self._log.hide(value)
        return secrets

    def _implied_config(self) -> str | None:
        configs = self.world.configs
        return str(configs[0]["id"]) if len(configs) == 1 else None

    def _line_refused(self, item: Item, size: int) -> None:
        title = f"{self.name} was not told of {item.topic}/{item.key}"
        self.operational.say("line_refused", title, f"Its line of {size} bytes is over the limit of {MAX_LINE}.")

    def _on_stable(self) -> None:
        self._attempt = 0
        self._apply(self._event("stable"))

    def _verdict(self, run: OneRun) -> Event:
        code = run.child.exit_code()
        said = _said(code)
        self._log.info("the alert has ended", how=said, seconds=round(time.monotonic() - run.started, 1))
        if run.ended_by_us is not None:
            return self._event("stopped" if run.ended_by_us == "stop" else "restart", said)
        return self._event("crashed" if code is None else meaning(code), said, self._log.masked(run.stderr_tail))


def _said(code: int | None) -> str:
    if code is None:
        return "could not be killed"
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _at(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds
