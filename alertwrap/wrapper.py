"""One alert: the main thread, which starts it, speaks to it, watches over it and stops it.

Beside it run two more threads: the AlertWatcher reads what the alert says, the NotifyWatcher follows what it has to
hear. The main thread alone owns the process and its stdin, so starting, writing and stopping need no locks.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from alertwrap.alert_watcher import AlertWatcher, Ears
from alertwrap.feed import TICK, Feed
from alertwrap.log import Log
from alertwrap.manifest import Manifest
from alertwrap.notify_watcher import REMEMBERED, Following, NotifyWatcher
from alertwrap.operational import Operational
from alertwrap.process import CannotRun, Child, StillAlive, environment, kill_holders, spawn
from alertwrap.protocol import MAX_LINE
from alertwrap.secret_source import read_secrets
from alertwrap.spool import Spool
from alertwrap.stop import Ladder, stop
from alertwrap.supervision import Event, Policy, Situation, Step, What, decide, meaning
from alertwrap.world import CONFIG, RECIPIENT, Item, World
from wire.ids import new_id
from wire.times import rfc3339, utc_now


@dataclass(frozen=True)
class Timing:
    """Seconds. `first_configs`: how long a start waits for the notifier before it uses the remembered configs."""

    policy: Policy = field(default_factory=Policy)
    ladder: Ladder = field(default_factory=Ladder)
    first_configs: float = 5.0
    config_unread: float = 10.0
    config_debounce: float = 2.0
    config_gap: float = 10.0
    look_at_program: float = 5.0


@dataclass(frozen=True)
class Place:
    """Where one alert keeps its things."""

    spool: Path
    lock: Path
    alive: Path
    state: Path


@dataclass
class _Run:
    """One run of the program."""

    id: str
    child: Child
    feed: Feed
    watcher: AlertWatcher
    thread: threading.Thread
    started: float
    restart_at: float | None = None
    check_config_at: float | None = None
    next_tick: float | None = None
    stable: bool = False
    ended_by_us: What | None = None
    config_since: float = field(default=0.0)


class Wrapper:
    """`run` is a thread's main; `stop` ends it through the ladder."""

    def __init__(
        self,
        manifest: Manifest,
        place: Place,
        spool: Spool,
        follow: Callable[[tuple[str, ...]], Following],
        wake_courier: Callable[[], None],
        start_thread: Callable[[str, Callable[[], None]], threading.Thread],
        environ: Mapping[str, str],
        log: Log,
        *,
        timing: Timing | None = None,
        random: Random | None = None,
    ) -> None:
        self._manifest = manifest
        self._place = place
        self._spool = spool
        self._environ = environ
        self._log = log
        self._timing = timing or Timing()
        self._random = random or Random()  # noqa: S311 - jitter, not a secret
        self._start_thread = start_thread
        self._wake_courier = wake_courier
        self.operational = Operational(manifest.name, spool, log, wake_courier, time.monotonic)
        self.world = World(manifest.name, manifest.watch)
        self.world.remembered(spool.recall(REMEMBERED) or [])
        self._notify = NotifyWatcher(follow, self.world, spool, log, self._world_changed, self._random)
        self._wake_out, self._wake_in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._stopping = threading.Event()
        self._feed: Feed | None = None
        self._news: set[str] = set()
        self._situation = Situation()
        self._attempt = 0
        self._last_config_restart = float("-inf")

    @property
    def name(self) -> str:
        """The alert's name."""
        return self._manifest.name

    @property
    def situation(self) -> Situation:
        """Where the alert stands now."""
        return self._situation

    def stop(self) -> None:
        """End the alert through the ladder; `run` returns when that is done."""
        self._stopping.set()
        self._wake()

    def run(self) -> None:
        """Run the alert again and again, as the table says, until stopped."""
        following = self._start_thread(f"notify:{self._manifest.name}", self._notify.run)
        try:
            self._wait_for_world()
            reason: str | None = "first"
            while reason is not None and not self._stopping.is_set():
                reason = self._pause(self._one_run(reason))
        finally:
            self._notify.stop()
            following.join(3)
            self._apply(self._event("stopped"))

    # The world changes: called by the NotifyWatcher's thread.

    def _world_changed(self, items: list[Item], resynced: bool) -> None:
        feed = self._feed
        if feed is not None:
            stdin_hears = [item for item in items if item.topic != CONFIG or self._manifest.on_config != "restart"]
            feed.mark(stdin_hears, resynced=resynced)
        for item in items:
            self._news.add(CONFIG if item.topic == CONFIG else "entity" if item.topic != RECIPIENT else RECIPIENT)
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._wake_in, b"x")

    def _sleep(self, seconds: float | None, *more: tuple[int, int]) -> None:
        """Until woken, until `seconds` are over, or until one of the descriptors is ready."""
        waiting = select.poll()
        for fd, mask in ((self._wake_out, select.POLLIN), *more):
            waiting.register(fd, mask)
        ready = waiting.poll(None if seconds is None else max(0.0, seconds) * 1000 + 1)
        if any(fd == self._wake_out for fd, _ in ready):
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_out, 4096)

    def _wait_for_world(self) -> None:
        """Line 1 needs the configs. Without the notifier the alert starts from those of the last time."""
        until = time.monotonic() + self._timing.first_configs
        once = self._manifest.stdin == "once"
        while not self._stopping.is_set() and time.monotonic() < until:
            if self.world.synced if once else self.world.knows(CONFIG):
                return
            self._sleep(until - time.monotonic())
        if not self._stopping.is_set():
            self._log.warning("the notifier does not answer; starting with the configs of the last time")

    # Between runs.

    def _pause(self, event: Event) -> str | None:
        """Let the table decide, and wait as it says. Returns the reason for the next run, None for none."""
        step = self._apply(event)
        start_at = _at(step.start_in)
        remind_at = _at(step.remind_in)
        look_at = time.monotonic()
        program = self._program_stamp()
        while not self._stopping.is_set():
            now = time.monotonic()
            if start_at is not None and now >= start_at:
                return {"crashed": "crash", "restart": "config"}.get(event.what, "schedule")
            if remind_at is not None and now >= remind_at:
                remind_at = _at(self._apply(self._event("reminder", event.detail)).remind_in)
            reason = self._reason_to_run(program)
            if reason is not None:
                sooner = _at(self._apply(self._event("changed")).start_in)
                start_at = sooner if start_at is None or (sooner is not None and sooner < start_at) else start_at
                program = self._program_stamp()
            look_at = now + self._timing.look_at_program
            self._sleep(min(at for at in (start_at, remind_at, look_at) if at is not None) - now)
        return None

    def _reason_to_run(self, program: float | None) -> str | None:
        news, self._news = self._news, set()
        state = self._situation.state
        if CONFIG in news:
            return "config"
        if state in ("HELD", "BACKOFF", "CRASH_LOOP") and self._program_stamp() != program:
            return "deploy"
        return "schedule" if state == "COMPLETED" and "entity" in news else None

    def _program_stamp(self) -> float | None:
        try:
            return self._manifest.program.stat().st_mtime if self._manifest.program else None
        except OSError:
            return None

    def _apply(self, event: Event) -> Step:
        interval = self._manifest.interval.total_seconds() if self._manifest.interval else None
        step = decide(self._situation, event, self._timing.policy, self._random, interval)
        if step.situation.state != self._situation.state:
            self._log.info("the alert is now " + step.situation.state, because=event.detail or event.what)
        self._situation = step.situation
        if step.word is not None:
            title = step.word.title.format(alert=self._manifest.name)
            severity = "error" if step.word.kind != "held" else "warning"
            self.operational.say(
                step.word.kind, title, step.word.message, severity=severity, resolved=step.word.resolved, at_once=True
            )
        return step

    def _event(self, what: What, detail: str = "", stderr: str = "") -> Event:
        return Event(what, time.monotonic(), detail, stderr)

    # One run.

    def _one_run(self, reason: str) -> Event:
        self._attempt += 1
        try:
            run = self._start(reason)
        except CannotRun as error:
            return self._event("cannot_run", str(error))
        self._apply(self._event("started"))
        try:
            self._attend(run)
        finally:
            self._clean_up(run)
        return self._verdict(run)

    def _start(self, reason: str) -> _Run:
        name = new_id()
        self._news.clear()
        secrets = self._secrets()
        self._place.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        child = self._spawn(environment(self._manifest, self._environ, name, self._place.state))
        first = self._config_line(name, reason, secrets)
        feed = Feed(self.world, first, once=self._manifest.stdin == "once", refused=self._line_refused)
        self._feed = feed
        ears = Ears(
            self._manifest.name, self._manifest.format == "text", self._spool, self._log.bind(run=name[-12:]),
            self.operational, self._wake_courier, self._implied_config,
        )  # fmt: skip
        watcher = AlertWatcher(ears, child.stdout, child.stderr)
        thread = self._start_thread(f"alert:{self._manifest.name}", watcher.run)
        now = time.monotonic()
        tick = self._manifest.tick
        self._log.info("the alert has started", pid=child.pid, reason=reason, attempt=self._attempt)
        return _Run(name, child, feed, watcher, thread, now, next_tick=now + tick.total_seconds() if tick else None)

    def _spawn(self, environ: Mapping[str, str]) -> Child:
        """One that an earlier wrapper left behind must end first: two of one alert would say everything twice."""
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
            try:
                return spawn(self._manifest, environ, self._place.alive)
            except StillAlive:
                killed = kill_holders(self._place.alive, number)
                self._log.warning("an earlier run of the alert is still alive", ended=killed)
                self._sleep(self._timing.ladder.term if number == signal.SIGTERM and not killed else 0.5)
        raise CannotRun("system", "an earlier run of it is still alive and cannot be ended")

    def _config_line(self, run: str, reason: str, secrets: dict[str, str]) -> Callable[[int], dict[str, Any]]:
        attempt = self._attempt

        def render(revision: int) -> dict[str, Any]:
            return {
                "type": "config", "v": 1, "at": rfc3339(utc_now()), "rev": revision, "alert": self._manifest.name,
                "run": {"id": run, "attempt": attempt, "reason": reason}, "configs": self.world.configs,
                "secrets": secrets if revision == 1 else {}, "state": self._spool.state(), "open": self._spool.open(),
                "limits": {"max_in": MAX_LINE, "max_out": MAX_LINE}, "features": [], "dry_run": False,
            }  # fmt: skip

        return render

    def _secrets(self) -> dict[str, str]:
        try:
            secrets = read_secrets(self._manifest, self._environ)
        except ValueError as error:
            raise CannotRun("system", str(error)) from None
        for value in secrets.values():
            self._log.hide(value)
        return secrets

    def _implied_config(self) -> str | None:
        configs = self.world.configs
        return str(configs[0]["id"]) if len(configs) == 1 else None

    def _line_refused(self, item: Item, size: int) -> None:
        title = f"{self._manifest.name} was not told of {item.topic}/{item.key}"
        self.operational.say("line_refused", title, f"Its line of {size} bytes is over the limit of {MAX_LINE}.")

    def _attend(self, run: _Run) -> None:
        """Until the program has ended, by itself or by us."""
        while run.child.exit_code() is None:
            self._speak(run)
            now = time.monotonic()
            what = self._reason_to_end(run, now)
            if what is not None:
                run.ended_by_us = what
                if what == "stop":
                    self._apply(self._event("stop"))
                stop(run.child, run.feed, self._timing.ladder)
                return
            self._by_time(run, now)
            self._sleep(self._until_next(run, now), *self._descriptors(run))

    def _descriptors(self, run: _Run) -> list[tuple[int, int]]:
        found = [(run.child.pidfd, select.POLLIN)] if run.child.pidfd is not None else []
        if run.child.stdin is not None and run.feed.waiting:
            found.append((run.child.stdin, select.POLLOUT))
        return found

    def _speak(self, run: _Run) -> None:
        if run.child.stdin is None:
            return
        try:
            run.feed.pump(run.child.stdin)
        except BrokenPipeError:
            run.child.close_stdin()  # it does not want to hear more, which is its right
        else:
            if self._manifest.stdin == "once" and not run.feed.waiting:
                run.child.close_stdin()

    def _reason_to_end(self, run: _Run, now: float) -> What | None:
        if self._stopping.is_set():
            return "stop"
        if CONFIG in self._news:
            self._news.discard(CONFIG)
            self._config_changed(run, now)
        if run.check_config_at is not None and now >= run.check_config_at:
            run.check_config_at = None
            if run.child.stdin is None or run.feed.config_unread(run.child.unread()):
                run.restart_at = max(now, self._last_config_restart + self._timing.config_gap)
        if run.restart_at is not None and now >= run.restart_at:
            self._last_config_restart = now
            return "restart"
        return None

    def _config_changed(self, run: _Run, now: float) -> None:
        """Stream it; a program that reads once must be restarted, which shows in what it leaves unread."""
        how = self._manifest.on_config
        if how == "restart" or (how == "auto" and self._manifest.stdin != "stream"):
            quiet = now + self._timing.config_debounce
            run.restart_at = max(quiet, self._last_config_restart + self._timing.config_gap)
        elif how == "auto":
            run.check_config_at = now + self._timing.config_unread

    def _by_time(self, run: _Run, now: float) -> None:
        if not run.stable and now - run.started >= self._timing.policy.stable:
            run.stable = True
            self._attempt = 0
            self._apply(self._event("stable"))
        if run.next_tick is not None and now >= run.next_tick:
            assert self._manifest.tick is not None
            run.feed.mark([TICK])
            run.next_tick = now + self._manifest.tick.total_seconds()
            self._speak(run)

    def _until_next(self, run: _Run, now: float) -> float | None:
        stable_at = None if run.stable else run.started + self._timing.policy.stable
        times = [at for at in (run.restart_at, run.check_config_at, run.next_tick, stable_at) if at is not None]
        if run.child.pidfd is None:
            times.append(now + 0.1)
        return min(times) - now if times else None

    def _clean_up(self, run: _Run) -> None:
        """What it left behind ends with it; what it said is read to the end."""
        self._feed = None
        run.child.signal_group(signal.SIGKILL)
        kill_holders(self._place.alive)
        run.watcher.finish(abandon=self._stopping.is_set())
        while run.thread.is_alive():
            run.thread.join(0.2)
            if self._stopping.is_set():
                run.watcher.finish(abandon=True)
                run.thread.join(2)
                break
        run.child.close()
        if not run.thread.is_alive():
            run.watcher.close()

    def _verdict(self, run: _Run) -> Event:
        code = run.child.exit_code()
        tail = self._log.masked(run.watcher.stderr_tail)
        said = _said(code)
        self._log.info("the alert has ended", how=said, seconds=round(time.monotonic() - run.started, 1))
        if run.ended_by_us is not None:
            return self._event("stopped" if run.ended_by_us == "stop" else "restart", said)
        return self._event("crashed" if code is None else meaning(code), said, tail)


def _said(code: int | None) -> str:
    if code is None:
        return "could not be killed"
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _at(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds
