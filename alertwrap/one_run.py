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

from alertwrap.alert_watcher import AlertWatcher
from alertwrap.feed import TICK, Feed
from alertwrap.manifest import Manifest
from alertwrap.process import Child, kill_holders
from alertwrap.stop import stop
from alertwrap.timing import Timing
from alertwrap.waker import Waker

#: Without pidfd (not Linux) an exit is noticed by looking.
_LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Asks:
    """What a run asks of the wrapper around it."""

    waker: Waker
    stopping: threading.Event
    configs: Callable[[], list[dict[str, Any]]]
    config_changed: Callable[[], bool]
    stable: Callable[[], None]


class OneRun:
    """`attend` returns when the program has ended; `ended_by_us` says whether that was our doing."""

    def __init__(
        self, manifest: Manifest, timing: Timing, child: Child, feed: Feed, watcher: AlertWatcher,
        watching: threading.Thread, asks: Asks, last_config_restart: float,
    ) -> None:  # fmt: skip
        now = time.monotonic()
        self.child = child
        self.feed = feed
        self.ended_by_us: Literal["stop", "restart"] | None = None
        self.started = now
        self.last_config_restart = last_config_restart
        self._manifest = manifest
        self._timing = timing
        self._watcher = watcher
        self._watching = watching
        self._asks = asks
        self._configs = asks.configs()
        self._restart_at: float | None = None
        self._check_config_at: float | None = None
        self._next_tick = now + manifest.tick.total_seconds() if manifest.tick else None
        self._stable = False

    def attend(self) -> None:
        """Until the program has ended, by itself or by us."""
        while self.child.exit_code() is None:
            self._speak()
            now = time.monotonic()
            self.ended_by_us = self._reason_to_end(now)
            if self.ended_by_us is not None:
                stop(self.child, self.feed, self._timing.ladder)
                return
            self._by_time(now)
            self._asks.waker.sleep(self._until_next(now), *self._descriptors())

    def clean_up(self, alive_lock: Path) -> None:
        """What the program left behind ends with it; what it said is read to the end."""
        self.child.signal_group(signal.SIGKILL)
        kill_holders(alive_lock)
        self._watcher.finish()
        while self._watching.is_alive():
            self._watching.join(0.2)
            if self._asks.stopping.is_set():
                self._watcher.finish(abandon=True)
                self._watching.join(2)
                break
        self.child.close()
        if not self._watching.is_alive():
            self._watcher.close()

    @property
    def missed_config(self) -> bool:
        """Whether a config came so late that the program may have ended, by itself, without it."""
        return self.ended_by_us is None and (self._restart_at is not None or self._check_config_at is not None)

    @property
    def stderr_tail(self) -> str:
        """The end of what it said on stderr."""
        return self._watcher.stderr_tail

    def _descriptors(self) -> list[tuple[int, int]]:
        found = [(self.child.pidfd, select.POLLIN)] if self.child.pidfd is not None else []
        if self.child.stdin is not None and self.feed.waiting:
            found.append((self.child.stdin, select.POLLOUT))
        return found

    def _speak(self) -> None:
        if self.child.stdin is None:
            return
        try:
            self.feed.pump(self.child.stdin)
        except BrokenPipeError:
            self.child.close_stdin()  # it does not want to hear more, which is its right
        else:
            if self._manifest.stdin == "once" and not self.feed.waiting:
                self.child.close_stdin()

    def _reason_to_end(self, now: float) -> Literal["stop", "restart"] | None:
        if self._asks.stopping.is_set():
            return "stop"
        if self._asks.config_changed():
            self._plan_restart(now)
        if self._check_config_at is not None and now >= self._check_config_at:
            self._check_config_at = None
            unread = self.child.stdin is None or self.feed.config_unread(self.child.unread())
            if unread and self._manifest.on_config == "auto":
                self._restart_at = max(now, self.last_config_restart + self._timing.config_gap)
        if self._restart_at is not None and now >= self._restart_at:
            self.last_config_restart = now
            return "restart"
        return None

    def _plan_restart(self, now: float) -> None:
        """A program that reads once must be restarted for a new config, and shows it by what it leaves unread."""
        how = self._manifest.on_config
        if how == "restart" or (how == "auto" and self._manifest.stdin != "stream"):
            quiet = max(now + self._timing.config_debounce, self.last_config_restart + self._timing.config_gap)
            self._restart_at = None if self._asks.configs() == self._configs else quiet
        else:
            self._check_config_at = now + self._timing.config_unread

    def _by_time(self, now: float) -> None:
        if not self._stable and now - self.started >= self._timing.policy.stable:
            self._stable = True
            self._asks.stable()
        if self._next_tick is not None and self._manifest.tick and now >= self._next_tick:
            self._next_tick = now + self._manifest.tick.total_seconds()
            self.feed.mark([TICK])
            self._speak()

    def _until_next(self, now: float) -> float | None:
        stable_at = None if self._stable else self.started + self._timing.policy.stable
        look_at = None if self.child.pidfd is not None else now + _LOOK_SECONDS
        wanted = (self._restart_at, self._check_config_at, self._next_tick, stable_at, look_at)
        times = [at for at in wanted if at is not None]
        return min(times) - now if times else None
