"""One run of an alert: speak to it, notice when it ends, end it when that is asked for, and clean up behind it."""

from __future__ import annotations

import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from alertwrap.manifest import Manifest
from alertwrap.process.process import Child, kill_holders
from alertwrap.run.conversation import RESYNC, Conversation, Verdict
from alertwrap.run.deadlines import Deadlines
from alertwrap.run.silence import Silence
from alertwrap.run.stop import stop
from alertwrap.run.timing import Timing
from alertwrap.run.waker import Waker
from alertwrap.spool.spool import SpoolFull
from alertwrap.stdin.answers import Answers
from alertwrap.stdin.awaited_verdict import AwaitedVerdict
from alertwrap.stdin.consumption import Consumption
from alertwrap.stdin.feed import Feed
from alertwrap.stdout.alert_watcher import AlertWatcher
from wire.times import rfc3339, utc_now

#: Without pidfd (not Linux) an exit is noticed by looking.
_LOOK_SECONDS = 0.1

#: Why we end a run: we are stopped, another config, an operator says so, or the alert itself wants no more.
Ending = Literal["stop", "restart", "operator", "hold", "given_up"]


@dataclass(frozen=True)
class Asks:
    """What a run asks of the wrapper around it."""

    waker: Waker
    stopping: threading.Event
    configs: Callable[[], list[dict[str, Any]]]
    config_changed: Callable[[], bool]
    stable: Callable[[], None]
    proved: Callable[[], None]
    judged: Callable[[Verdict], None]
    schema: Callable[[dict[str, Any]], None]
    order: Callable[[], Literal["operator", "hold"] | None]
    ending: Callable[[Ending], None]
    answers: Answers
    silence: Silence


@dataclass(frozen=True)
class Parts:
    """The program, what is said to it, what is heard of it, and where both meet."""

    child: Child
    feed: Feed
    watcher: AlertWatcher
    watching: threading.Thread
    conversation: Conversation
    consumption: Consumption
    verdict: AwaitedVerdict


class OneRun:
    """`attend` returns when the program has ended; `ended_by_us` says whether and why that was our doing."""

    def __init__(
        self, manifest: Manifest, timing: Timing, parts: Parts, asks: Asks, last_config_restart: float
    ) -> None:
        now = time.monotonic()
        self.child = parts.child
        self.conversation = parts.conversation
        self.ended_by_us: Ending | None = None
        self.started = now
        self.last_config_restart = last_config_restart
        self._manifest = manifest
        self._timing = timing
        self._parts = parts
        self._feed = parts.feed
        self._asks = asks
        self._configs = asks.configs()
        self._schema: dict[str, Any] | None = None
        self._deadlines = Deadlines()
        self._tick = manifest.tick.total_seconds() if manifest.tick else None
        self._tick_at = now + self._tick if self._tick else None
        self._restart_wanted: float | None = None
        self._set_first_deadlines(now)

    def attend(self) -> None:
        """Until the program has ended, by itself or by us."""
        while not self.child.ended():
            self._speak()
            now = time.monotonic()
            self._listen(now)
            due = self._deadlines.take(now)
            self._by_time(due, now)
            self.ended_by_us = self._reason_to_end(due, now)
            if self.ended_by_us is not None:
                self._asks.ending(self.ended_by_us)
                ladder = self._timing.ladder
                self.conversation.farewell(self.ended_by_us, ladder.eof)
                stop(self.child, self._feed, ladder)
                return
            self._asks.waker.sleep(self._until_next(now), *self._descriptors())

    def clean_up(self, alive_lock: Path) -> None:
        """What the program left behind ends with it; what it said is read to the end."""
        watcher, watching = self._parts.watcher, self._parts.watching
        self.child.signal_group(signal.SIGKILL)
        kill_holders(alive_lock)
        watcher.finish()
        while watching.is_alive():
            watching.join(0.2)
            if self._asks.stopping.is_set():
                watcher.finish(abandon=True)
                watching.join(2)
                break
        self._settle_answers()
        self.child.close()
        if not watching.is_alive():
            watcher.close()

    @property
    def missed_config(self) -> bool:
        """Whether a config came so late that the program may have ended, by itself, without it."""
        return self.ended_by_us is None and (self._deadlines.has("restart") or self._deadlines.has("config read"))

    @property
    def stderr_tail(self) -> str:
        """The end of what it said on stderr."""
        return self._parts.watcher.stderr_tail

    def _set_first_deadlines(self, now: float) -> None:
        timing = self._timing
        self._asks.silence.begin()
        first = {
            "tick": self._tick_at, "stable": now + timing.policy.stable, "proved": now + timing.config_trial,
            "ping": now + timing.ping, "consuming": now + timing.not_consuming / 5,
            "silence": self._asks.silence.look(now),
        }  # fmt: skip
        for name, at in first.items():
            self._deadlines.set(name, at)

    def _descriptors(self) -> list[tuple[int, int]]:
        found = [(self.child.pidfd, select.POLLIN)] if self.child.pidfd is not None else []
        if self.child.stdin is not None and self._feed.waiting:
            found.append((self.child.stdin, select.POLLOUT))
        return found

    def _speak(self) -> None:
        if self.child.stdin is None:
            return
        try:
            self._feed.pump(self.child.stdin)
        except BrokenPipeError:
            self.child.close_stdin()  # it does not want to hear more, which is its right
        else:
            if self._manifest.stdin == "once" and not self._feed.waiting:
                self.child.close_stdin()
        if not self.conversation.checkpoints:
            self._settle_answers()

    def _listen(self, now: float) -> None:
        """Do what the alert has asked for meanwhile."""
        conversation = self.conversation
        verdict = conversation.take_verdict()
        if verdict is not None:
            self._parts.verdict.came(verdict.rev)
            self._asks.judged(verdict)
            if verdict.restart:
                self._deadlines.set("restart", self._after_quiet(now))
        self._deadlines.set("verdict", self._parts.verdict.look(now))
        if conversation.schema is not None and conversation.schema != self._schema:
            self._schema = conversation.schema
            self._asks.schema(conversation.schema)
        if conversation.take_again():
            self._feed.repeat(RESYNC)
            self._speak()
        if conversation.checkpoints:
            self._settle_answers()
        if conversation.trouble is not None and conversation.trouble.for_good and not self._deadlines.has("given up"):
            self._deadlines.set("given up", now + self._timing.patience)

    def _settle_answers(self) -> None:
        """Forget what the alert has dealt with: what its checkpoint covers, or, without any, what it was told."""
        covered = self.conversation.take_settled()
        if not self.conversation.checkpoints:
            names = self._feed.taken_answers(0)
        elif covered == "all":
            names = self._feed.taken_answers(self.child.unread())
        else:
            names = [name for name in self._feed.taken_answers(0) if name in covered]
        if names or (covered and self.conversation.checkpoints == "ack"):  # that it acks is to be remembered
            try:
                self._asks.answers.settle(names, self.conversation.checkpoints)
            except SpoolFull:
                return  # they are told again at the next start
            self._feed.forget_answers(names)

    def _reason_to_end(self, due: list[str], now: float) -> Ending | None:
        if self._asks.stopping.is_set():
            return "stop"
        order = self._asks.order()
        if order is not None:
            return order
        if "given up" in due:
            return "given_up"
        if self._asks.config_changed():
            self._plan_restart(now)
        if "config read" in due:
            self._judge_reading(now)
        if "restart" in due:
            self.last_config_restart = now
            return "restart"
        return None

    def _plan_restart(self, now: float) -> None:
        """A program that reads once must be restarted for a new config, and shows it by what it leaves unread."""
        how = self._manifest.on_config
        self._deadlines.set("proved", now + self._timing.config_trial)
        if how == "restart" or (how == "auto" and self._manifest.stdin != "stream"):
            back = self._asks.configs() == self._configs
            self._deadlines.set("restart", None if back else self._after_quiet(now))
            self._restart_wanted = None if back else self._restart_wanted
        elif not self._deadlines.has("config read"):  # it counts from the first, or a flapping config would never count
            self._deadlines.set("config read", now + self._timing.config_unread)

    def _judge_reading(self, now: float) -> None:
        """Whoever leaves a config line unread for so long reads once, and is started anew."""
        since = self._feed.config_unread_since(self.child.unread())
        due = now if self.child.stdin is None else None if since is None else since + self._timing.config_unread
        if due is None or self._manifest.on_config != "auto":
            return
        if due > now:
            self._deadlines.set("config read", due)
        else:
            self._deadlines.set("restart", max(now, self.last_config_restart + self._timing.config_gap))

    def _after_quiet(self, now: float) -> float:
        """Changes that follow each other are one; but those that never end are not waited for."""
        self._restart_wanted = self._restart_wanted or now
        quiet = min(now + self._timing.config_debounce, self._restart_wanted + self._timing.config_gap)
        return max(quiet, self.last_config_restart + self._timing.config_gap)

    def _by_time(self, due: list[str], now: float) -> None:
        if "stable" in due:
            self._asks.stable()
        if "proved" in due and not self.conversation.wants("verdict"):
            self._asks.proved()
        if "silence" in due:
            self._deadlines.set("silence", self._asks.silence.look(now))
        if "consuming" in due:
            self._deadlines.set("consuming", self._parts.consumption.look(now, self.child.unread()))
        if "tick" in due and self._tick and self._tick_at:
            self._feed.tick(rfc3339(utc_now()))
            self._tick_at = max(self._tick_at + self._tick, now)
            self._deadlines.set("tick", self._tick_at)
        if "ping" in due:
            self.conversation.ping()
            self._deadlines.set("ping", now + self._timing.ping)
        if due:
            self._speak()

    def _until_next(self, now: float) -> float | None:
        times = [self._deadlines.next, None if self.child.pidfd is not None else now + _LOOK_SECONDS]
        known = [at for at in times if at is not None]
        return min(known) - now if known else None
