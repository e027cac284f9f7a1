"""One alert: the main thread, which starts it, speaks to it, watches over it and stops it.

Beside it run two more threads: the AlertWatcher reads what the alert says, the NotifyWatcher follows what it has to
hear. The main thread alone owns the process and its stdin, so starting, writing and stopping need no locks.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from alertwrap.log import Log
from alertwrap.manifest import Manifest, metric_schema
from alertwrap.process.program import CannotRun
from alertwrap.run.conversation import Verdict
from alertwrap.run.launch import Belongings, Place, Surroundings, launch
from alertwrap.run.one_run import Asks, Ending, OneRun
from alertwrap.run.operational import Operational
from alertwrap.run.orders import Orders
from alertwrap.run.outcome import how, outcome
from alertwrap.run.pause import Pause
from alertwrap.run.silence import Silence
from alertwrap.run.standing import Standing, event
from alertwrap.run.supervision import Event, Reason, Situation
from alertwrap.run.waker import Waker
from alertwrap.spool.spool import Spool, SpoolFull
from alertwrap.status.health import Health
from alertwrap.status.report import Report, describe
from alertwrap.stdin.answers import Answers
from alertwrap.stdin.config_book import ConfigBook
from alertwrap.stdin.config_trial import ConfigTrial
from alertwrap.stdin.feed import Feed
from alertwrap.stdin.news import News
from alertwrap.stdin.notify_watcher import REMEMBERED, NotifyWatcher
from alertwrap.stdin.world import CONFIG, RECIPIENT, Item, World
from alertwrap.stdout.alert_watcher import NEARLY_FULL


class Wrapper:
    """`run` is a thread's main; `stop` ends it through the ladder. `pid` is the alert's while its exit is awaited."""

    def __init__(self, manifest: Manifest, place: Place, spool: Spool, around: Surroundings, log: Log) -> None:
        self.name = manifest.name
        self.operational = Operational(manifest.name, spool, log, around.wake_courier, time.monotonic)
        self.world = World(manifest.name, manifest.watch)
        self.world.remembered(spool.recall(REMEMBERED) or [])
        self.health = Health()
        self.pid: int | None = None
        self._manifest = manifest
        self._spool = spool
        self._around = around
        self._timing = around.timing
        self._log = log
        self._waker = Waker()
        self._configs_are_known = False
        self._stopping = threading.Event()
        self._news = News()
        self._answers = Answers(spool)
        self._trial = ConfigTrial(manifest.name, spool, self.operational, log)
        self._book: ConfigBook = self._trial.book
        self._notify = NotifyWatcher(
            around.follow, self.world, spool, log, self._world_changed, around.random, self._answered
        )
        self._silence = Silence(
            manifest.name, manifest.expect_every.total_seconds() if manifest.expect_every else None, self.health,
            self.operational,
        )  # fmt: skip
        self._run: OneRun | None = None
        self._feed: Feed | None = None
        self._orders = Orders(spool, log)
        self._standing = Standing(manifest, self._timing.policy, around.random, self.operational, log, around.changed)
        self._pause = Pause(
            manifest, self._standing, self._orders, self._news, self._silence, self._waker, self._stopping,
            self._timing.look_at_program,
        )  # fmt: skip
        self._attempt = self._starts = 0
        self._last_config_restart = float("-inf")
        schema = metric_schema(manifest)
        self._trial.check_with(schema)
        if schema is not None:
            around.register(manifest.name, schema)
        self._trial.offer(self.world.configs)
        self._ours = Belongings(
            manifest, place, spool, around, log, self.operational, self.world, self._book, self._answers, self.health,
            self._waker, self._stopping,
        )  # fmt: skip

    @property
    def situation(self) -> Situation:
        """Where the alert stands now."""
        return self._standing.situation

    @property
    def report(self) -> Report:
        """How the alert is doing, for people and for whoever watches it."""
        return describe(
            self._manifest, self._standing.situation, self._standing.since, self._starts, self.pid, self.health,
            self._spool, self._book,
        )  # fmt: skip

    def stop(self) -> None:
        """End the alert through the ladder; `run` returns when that is done."""
        self._stopping.set()
        self._notify.stop()
        self._waker.wake()

    def restart(self) -> None:
        """An operator wants it started anew, also when it is held."""
        self._orders.give("operator")
        self._waker.wake()

    def hold(self) -> None:
        """An operator wants it stopped until `restart`, also over restarts of this process."""
        self._orders.give("hold")
        self._waker.wake()

    def settled(self) -> None:
        """The courier has delivered something of ours."""
        run = self._run
        if run is not None and run.conversation.wants("delivered"):
            run.conversation.settled(self._spool.first_waiting())
        if self.operational.is_open("spool_80") and self._spool.used() < NEARLY_FULL:
            self.operational.over("spool_80", f"{self.name}: the spool has room again")

    def undeliverable(self, row: int, name: str, reason: str) -> None:
        """The notice center refused one of ours for good."""
        if self._run is not None:
            self._run.conversation.undeliverable(row, name.removeprefix(f"{self.name}:"), reason)

    def run(self) -> None:
        """Run the alert again and again, as the table says, until stopped."""
        following = self._around.start_thread(f"notify:{self.name}", self._notify.run)
        try:
            reason: Reason | None = "first"
            if self._orders.held:
                reason = self._pause.after(event("hold"))
            self._wait_for_world()
            while reason is not None and not self._stopping.is_set():
                reason = self._pause.after(self._run_once(reason))
        finally:
            self._notify.stop()
            following.join(3)
            self._standing.happened("stopped")

    def _world_changed(self, items: list[Item], resynced: bool) -> None:
        """Called by the NotifyWatcher's thread."""
        if Item(CONFIG) in items and not self._trial.offer(self.world.configs):
            items = [item for item in items if item.topic != CONFIG]
        feed = self._feed
        if feed is not None:
            feed.mark([item for item in items if item.topic != CONFIG or self._streams_config], resynced=resynced)
        self._news.add({item.topic for item in items})
        self._configs_are_known = self.world.knows(CONFIG)
        self._waker.wake()

    @property
    def _streams_config(self) -> bool:
        return self._manifest.on_config != "restart"

    def _answered(self, answers: list[tuple[str, dict[str, Any]]]) -> None:
        """Called by the NotifyWatcher's thread."""
        try:
            new = self._answers.take(answers)
        except SpoolFull as error:
            self._log.error("answers cannot be kept now; they come again with the next snapshot", reason=error)
            return
        if new and self._feed is not None:
            self._feed.urge(*(Item("answer", name) for name in new))
        if new:
            self._news.add({"answer"})
            self._waker.wake()

    def _wait_for_world(self) -> None:
        """Line 1 needs the configs. Without the notifier the alert starts from those of the last time."""
        until = time.monotonic() + self._timing.first_configs
        once = self._manifest.stdin == "once"
        while not self._stopping.is_set() and time.monotonic() < until:
            # Not `world.knows`: between its snapshot and here the configs are still being checked.
            if self._configs_are_known and (self.world.synced or not once):
                return
            self._waker.sleep(until - time.monotonic())
        if not self._stopping.is_set():
            self._log.warning("the notifier does not answer; starting with the configs of the last time")

    def _run_once(self, reason: Reason) -> Event:
        self._attempt += 1
        self._news.take(CONFIG, RECIPIENT, "answer", *self._manifest.watch)
        try:
            parts = launch(self._ours, reason, self._attempt)
        except CannotRun as error:
            return event("cannot_run", str(error))
        self._starts += 1
        self.pid, self._feed = parts.child.pid, parts.feed
        # What came while the feed was made, and before it was known here, was marked by nobody. Nothing is told yet.
        parts.feed.mark(self.world.all_items(), resynced=True)
        parts.feed.urge(*(Item("answer", name) for name in self._answers.waiting()))
        run = self._run = OneRun(self._manifest, self._timing, parts, self._asks(), self._last_config_restart)
        self._standing.happened("started")
        try:
            run.attend()
        finally:
            self._feed = None
            run.clean_up(self._ours.place.alive)
            if run.child.exit_code() is not None:
                self.pid = None
        self._last_config_restart = run.last_config_restart
        if run.missed_config:
            self._news.add({CONFIG})
        return self._verdict(run)

    def _asks(self) -> Asks:
        return Asks(
            self._waker, self._stopping, lambda: self._book.current, lambda: self._news.take(CONFIG), self._on_stable,
            self._trial.prove, self._on_judged, self._on_schema, self._orders.take, self._on_ending, self._answers,
            self._silence,
        )  # fmt: skip

    def _on_judged(self, verdict: Verdict) -> None:
        if self._trial.judge(verdict):
            self._tell_config()

    def _on_schema(self, schema: dict[str, Any]) -> None:
        """The alert brings its own; the one beside its file counts more."""
        if self._manifest.metric_schema is not None:
            return
        self._around.register(self.name, schema)
        if self._trial.check_with(schema):
            self._tell_config()

    def _tell_config(self) -> None:
        if self._feed is not None and self._streams_config:
            self._feed.mark([Item(CONFIG)])
        self._news.add({CONFIG})
        self._waker.wake()

    def _on_ending(self, why: Ending) -> None:
        if why == "stop":
            self._standing.happened("stop")

    def _on_stable(self) -> None:
        self._attempt = 0
        self._standing.happened("stable")

    def _verdict(self, run: OneRun) -> Event:
        code = run.child.exit_code()
        self._log.info("the alert has ended", how=how(code), seconds=round(time.monotonic() - run.started, 1))
        stderr = self._log.masked(run.stderr_tail)
        end = outcome(run.ended_by_us, code, run.conversation.trouble, stderr)
        if end.what == "completed":
            self._trial.prove()
        return event("restart", end.detail) if self._blames_config(end) else end

    def _blames_config(self, end: Event) -> bool:
        """Whether a config that was not proved brought this about, and there is a last good one to go back to."""
        suspect = end.what == "config_wrong" or self._standing.leads_into_loop(end)
        return suspect and self._trial.fail(f"{end.detail}: {end.stderr[-300:]}")
