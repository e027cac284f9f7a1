"""Between two runs of an alert: wait as the table says, and listen meanwhile for a reason to run it sooner."""

from __future__ import annotations

import threading
import time

from alertwrap.manifest import Manifest
from alertwrap.run.orders import Orders
from alertwrap.run.silence import Silence
from alertwrap.run.standing import Standing
from alertwrap.run.supervision import Event, Reason, reason_after
from alertwrap.run.waker import Waker
from alertwrap.stdin.news import News
from alertwrap.stdin.world import CONFIG


class Pause:
    """For the main thread. `look_seconds`: how often the program's file is looked at."""

    def __init__(
        self, manifest: Manifest, standing: Standing, orders: Orders, news: News, silence: Silence, waker: Waker,
        stopping: threading.Event, look_seconds: float,
    ) -> None:  # fmt: skip
        self._manifest = manifest
        self._standing = standing
        self._orders = orders
        self._news = news
        self._silence = silence
        self._waker = waker
        self._stopping = stopping
        self._look_seconds = look_seconds
        #: The program as it was started last: what was deployed while it ran is a change too.
        self._program = self._program_stamp()

    def after(self, event: Event) -> Reason | None:
        """Let the table decide, and wait as it says. Returns the reason for the next run, None for none."""
        step = self._standing.apply(event)
        reason = reason_after(event.what)
        start_at, remind_at = _at(step.start_in), _at(step.remind_in)
        while not self._stopping.is_set():
            now = time.monotonic()
            if start_at is not None and now >= start_at:
                self._program = self._program_stamp()
                return reason
            if remind_at is not None and now >= remind_at:
                remind_at = _at(self._standing.happened("reminder", event.detail).remind_in)
            order = self._orders.take()
            if order is not None:
                reason, start_at, remind_at = "operator", _at(self._standing.happened(order).start_in), None
                continue
            sooner = self._reason_to_run()
            if sooner is not None:
                reason, self._program = sooner, self._program_stamp()
                start_at = _earlier(start_at, _at(self._standing.happened("changed").start_in))
            self._sleep(now, start_at, remind_at)
        return None

    def _sleep(self, now: float, *until: float | None) -> None:
        silent = self._standing.situation.state in ("COMPLETED", "BACKOFF")
        times = [*until, self._silence.look(now) if silent else None, now + self._look_seconds]
        self._waker.sleep(min(at for at in times if at is not None) - now)

    def _reason_to_run(self) -> Reason | None:
        state = self._standing.situation.state
        if self._news.take(CONFIG):
            return "config"
        if state in ("HELD", "BACKOFF", "CRASH_LOOP") and self._program_stamp() != self._program:
            return "deploy"
        return "entity" if state == "COMPLETED" and self._news.take("answer", *self._manifest.watch) else None

    def _program_stamp(self) -> float | None:
        try:
            return self._manifest.program.stat().st_mtime if self._manifest.program else None
        except OSError:
            return None


def _at(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds


def _earlier(one: float | None, other: float | None) -> float | None:
    return min((at for at in (one, other) if at is not None), default=None)
