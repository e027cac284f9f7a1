"""NotifyWatcher: the thread that follows the notifier for one alert, and says what its stdin has to hear.

It never writes to the pipe itself. It notes what changed; the main thread writes it when the alert reads, and so
neither a silent notifier nor an alert that does not read holds up anything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Protocol

from alertwrap.delivery.retry import backoff
from alertwrap.log import Log
from alertwrap.spool.spool import Spool, SpoolFull
from alertwrap.stdin.world import CONFIG, RECIPIENT, Item, World
from notifier.frames import Change, Snapshot

#: Under this name the spool remembers the configs, so that an alert starts while the services are down.
REMEMBERED = "configs"
#: Where two-way channels publish what people answer; `alert` in the data says to whom.
CHAT = "chat"


class Following(Protocol):
    """An open subscription: iterate it for ever, `stop` it from another thread."""

    def __iter__(self) -> Iterator[Snapshot | Change]: ...

    def stop(self) -> None: ...


class NotifyWatcher:
    """`run` is a thread's main. `changed(items, resynced)` is called after the world has changed, `answered` with what
    people said to this alert in a chat."""

    def __init__(
        self,
        follow: Callable[[tuple[str, ...]], Following],
        world: World,
        spool: Spool,
        log: Log,
        changed: Callable[[list[Item], bool], None],
        random: Random,
        answered: Callable[[list[tuple[str, dict[str, Any]]]], None] = lambda _: None,
    ) -> None:
        self._follow = follow
        self._world = world
        self._spool = spool
        self._log = log
        self._changed = changed
        self._random = random
        self._answered = answered
        self._stopped = threading.Event()
        self._following: Following | None = None

    def stop(self) -> None:
        """End `run` soon."""
        self._stopped.set()
        if self._following is not None:
            self._following.stop()

    def run(self) -> None:
        """Follow until stopped. The follower resumes by itself; should it fail for good, there is a new one."""
        failures = 0
        while not self._stopped.is_set():
            self._following = self._follow((CONFIG, RECIPIENT, CHAT, *self._world.watch))
            if self._stopped.is_set():  # `stop` may have come before there was anything to stop
                self._following.stop()
            try:
                for frame in self._following:
                    failures = 0
                    self.take(frame)
                    if self._stopped.is_set():
                        return
            except Exception as error:
                self._log.error("following the notifier failed", reason=repr(error))
            failures += 1
            self._stopped.wait(backoff(failures, self._random))

    def take(self, frame: Snapshot | Change) -> None:
        """Bring the world up to date with one frame."""
        if frame.topic == CHAT:
            self._hear_people(frame)
            return
        if isinstance(frame, Snapshot):
            # A config line is complete in itself: its snapshot counts only when it was the one that was missing.
            resynced = frame.topic != CONFIG or not self._world.synced
            items = self._world.replace(frame.topic, frame.items, frame.cursor.rpartition(":")[0])
        else:
            data = None if frame.action == "deleted" else frame.data or {}  # a thin event says only that it is there
            items, resynced = self._world.change(frame.topic, frame.key, data), False
        if frame.topic == CONFIG and (items or resynced):
            self._remember()
        if items or resynced:
            self._changed(items, resynced)

    def _hear_people(self, frame: Snapshot | Change) -> None:
        """Answers to this alert: each under an id, and each of them counts."""
        found = frame.items if isinstance(frame, Snapshot) else {frame.key: frame.data or {}}
        ours = [(name, data) for name, data in found.items() if data.get("alert") == self._world.alert]
        if ours:
            self._answered(ours)

    def _remember(self) -> None:
        """For a start without the notifier. A full disk must not keep the alert from hearing of its config."""
        try:
            self._spool.remember(REMEMBERED, self._world.configs)
        except SpoolFull as error:
            self._log.warning("the configs cannot be remembered now", reason=error)
