"""What one run of an alert still has to be told: a set of things that changed, rendered when there is room to write.

An alert that does not read costs a set of keys, and nothing waits for it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Collection
from typing import Any, Protocol

from alertwrap.stdin.world import CONFIG, RECIPIENT, SYNCED, Item, World
from alertwrap.stdout.protocol import MAX_LINE, line
from wire.times import rfc3339, utc_now

#: Lines are rendered until there are about so many bytes to write at once: fresh, and not a system call for each.
_CHUNK = 8 * 1024
#: More config lines than a pipe holds, of which the oldest unread one is looked for.
_CONFIG_LINES = 1024
TICK = Item("tick")
ANSWER = "answer"


def _silent(_: Item) -> None:
    """Nothing to say beyond the world."""


class Waiting(Protocol):
    """The answers that the alert has not dealt with."""

    def waiting(self) -> list[str]: ...

    def find(self, name: str) -> dict[str, Any] | None: ...


class Feed:
    """`mark` and `urge` from any thread; `pump` from the one that owns the pipe.

    `first` renders the config line with a revision. `once`: one line with everything, then nothing more. `spoken`
    renders what is said between the two of us; `answers` are those of people in a chat.
    """

    def __init__(
        self, world: World, first: Callable[[int], dict[str, Any]], *, once: bool,
        refused: Callable[[Item, int], None], spoken: Callable[[Item], dict[str, Any] | None] = _silent,
        answers: Waiting | None = None,
    ) -> None:  # fmt: skip
        self._world = world
        self._first = first
        self._once = once
        self._refused = refused
        self._spoken = spoken
        self._answers = answers
        self._revisions: dict[str, int] = {}
        self._ticks = 0
        self._tick_scheduled = ""
        self._dirty: dict[Item, None] = {Item(CONFIG): None}
        self._urgent: dict[Item, None] = {}
        self._told_answers: list[tuple[int, str]] = []
        self._in_flight = b""
        self._written = 0
        self._first_end = 0
        self._config_lines: deque[tuple[int, float]] = deque(maxlen=_CONFIG_LINES)
        self._config_since = time.monotonic()
        if not once:
            with world.lock:
                self._dirty |= dict.fromkeys(world.all_items())
                if world.synced:
                    self._dirty[SYNCED] = None
            self.urge(*(Item(ANSWER, name) for name in answers.waiting()) if answers else ())

    @property
    def waiting(self) -> bool:
        """Whether there is something to write."""
        return bool(self._in_flight or self._dirty or self._urgent)

    def mark(self, items: list[Item], *, resynced: bool = False) -> None:
        """These may differ from what the alert was told. `resynced`: a snapshot has arrived."""
        if self._once:
            return
        with self._world.lock:
            if Item(CONFIG) in items and Item(CONFIG) not in self._dirty:
                self._config_since = time.monotonic()
            self._dirty |= dict.fromkeys(items)
            if resynced or SYNCED in self._dirty:
                self._dirty.pop(SYNCED, None)
                if self._world.synced:  # else the snapshot that is still missing will say so
                    self._dirty[SYNCED] = None  # behind everything that it covers

    def urge(self, *items: Item) -> None:
        """Say these soon: before what is left of a snapshot, each at most once."""
        if not self._once:
            with self._world.lock:
                self._urgent |= dict.fromkeys(items)

    def tick(self, scheduled: str) -> None:
        """It is time; an earlier tick that was not read is forgotten."""
        self._tick_scheduled = scheduled
        self.urge(TICK)

    def repeat(self, first: Item) -> None:
        """Say `first`, then everything anew."""
        self.urge(first)
        self.mark(self._world.all_items(), resynced=True)

    def taken(self, unread: int) -> int:
        """Bytes that the alert has read, with `unread` left in its pipe."""
        return self._written - unread

    def reads_on(self, unread: int) -> bool:
        """Whether it has ever read beyond line 1."""
        return 0 < self._first_end < self._written - unread

    def taken_answers(self, unread: int) -> list[str]:
        """The answers that were written and, with `unread` bytes left in its pipe, read; those of once are all read."""
        return [name for end, name in self._told_answers if end <= self._written - unread]

    def forget_answers(self, names: Collection[str]) -> None:
        """They are dealt with."""
        self._told_answers = [told for told in self._told_answers if told[1] not in names]

    def pump(self, fd: int) -> None:
        """Write what fits. Raises BrokenPipeError when the alert has closed its end."""
        while self._in_flight or self._render():
            try:
                written = self._write(fd, self._in_flight)
            except BlockingIOError:
                return
            self._written += written
            self._in_flight = self._in_flight[written:]

    def _write(self, fd: int, data: bytes) -> int:
        return os.write(fd, data)

    @property
    def config_revision(self) -> int:
        """Of the config line that was written last; 0 before the first."""
        return self._revisions.get("config", 0)

    def config_unread_since(self, unread: int) -> float | None:
        """When the oldest config line was due that the alert has not taken, with `unread` bytes in its pipe."""
        with self._world.lock:
            while self._config_lines and self._config_lines[0][0] <= self._written - unread:
                self._config_lines.popleft()
            if self._config_lines:
                return self._config_lines[0][1]
            return self._config_since if Item(CONFIG) in self._dirty else None

    def _render(self) -> bool:
        with self._world.lock:
            chunk = bytearray()
            while (self._dirty or self._urgent) and len(chunk) < _CHUNK:
                config = Item(CONFIG) in self._dirty
                urgent = bool(self._urgent) and not config
                source = self._urgent if urgent else self._dirty
                item = Item(CONFIG) if config else next(iter(source))
                del source[item]
                chunk += self._rendered(item, self._urgent_message(item) if urgent else self._message(item))
                if config:
                    end = self._written + len(chunk)
                    self._config_lines.append((end, self._config_since))
                    self._first_end = self._first_end or end
                elif urgent and item.topic == ANSWER:
                    self._told_answers.append((self._written + len(chunk), item.key))
            self._in_flight = bytes(chunk)
        return bool(chunk)

    def _rendered(self, item: Item, message: dict[str, Any] | None) -> bytes:
        if message is None:
            return b""
        text = line(message)
        if len(text) <= MAX_LINE or self._once:
            return text
        if item.topic == CONFIG:
            return self._shortened(message)
        self._refused(item, len(text))
        return b""

    def _shortened(self, config: dict[str, Any]) -> bytes:
        """State and configs are bounded where they come from; of what is open the newest are left out."""
        while len(text := line(config)) > MAX_LINE and config["open"]:
            config = {**config, "open": config["open"][: len(config["open"]) // 2]}
        return text

    def _urgent_message(self, item: Item) -> dict[str, Any] | None:
        if item == TICK:
            self._ticks += 1
            return {"type": "tick", "at": _now(), "seq": self._ticks, "scheduled": self._tick_scheduled}
        if item.topic == ANSWER:
            found = self._answers.find(item.key) if self._answers else None
            return None if found is None else {"type": "answer", "at": _now(), "id": item.key, **found}
        return self._spoken(item)

    def _message(self, item: Item) -> dict[str, Any]:
        if item.topic == CONFIG:
            config = self._first(self._next("config"))
            return {**config, **self._everything()} if self._once else config
        if item == SYNCED:
            entities, recipients = self._world.counts()
            return {"type": "synced", "at": _now(), "entities": entities, "recipients": recipients}
        data = self._world.get(item)
        if item.topic == RECIPIENT:
            who = {"type": "recipient", "at": _now(), "id": item.key, "rev": self._next("recipient")}
            return {**who, "deleted": True} if data is None else {**who, "data": data}
        return {"type": "entity", "at": _now(), **self._entity(item, data), "rev": self._next("entity")}

    def _everything(self) -> dict[str, Any]:
        items = self._world.all_items()
        waiting = self._answers.waiting() if self._answers else []
        answers = [(name, self._answers.find(name) or {}) for name in waiting] if self._answers else []
        self._told_answers = [(1, name) for name in waiting]  # it is written as a whole, or the pipe is broken
        return {
            "type": "run",
            "answers": [{"id": name, **answer} for name, answer in answers],
            "entities": [self._entity(item, self._world.get(item)) for item in items if item.topic != RECIPIENT],
            "recipients": [{"id": i.key, "data": self._world.get(i)} for i in items if i.topic == RECIPIENT],
        }

    def _entity(self, item: Item, data: dict[str, Any] | None) -> dict[str, Any]:
        what = {"topic": item.topic, "key": item.key}
        return {**what, "deleted": True} if data is None else {**what, "data": data}

    def _next(self, kind: str) -> int:
        self._revisions[kind] = self._revisions.get(kind, 0) + 1
        return self._revisions[kind]


def _now() -> str:
    return rfc3339(utc_now())
