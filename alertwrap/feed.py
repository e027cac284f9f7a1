"""What one run of an alert still has to be told: a set of things that changed, rendered when there is room to write.

An alert that does not read costs a set of keys, and nothing waits for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from alertwrap.protocol import MAX_LINE, line
from alertwrap.world import CONFIG, RECIPIENT, SYNCED, Item, World
from wire.times import rfc3339, utc_now

#: Lines are rendered until there are about so many bytes to write at once: fresh, and not a system call for each.
_CHUNK = 8 * 1024
TICK = Item("tick")


class Feed:
    """`mark` from any thread; `pump` from the one that owns the pipe.

    `first` renders the config line with a revision. `once`: one line with everything, then nothing more.
    """

    def __init__(
        self, world: World, first: Callable[[int], dict[str, Any]], *, once: bool,
        refused: Callable[[Item, int], None],
    ) -> None:  # fmt: skip
        self._world = world
        self._first = first
        self._once = once
        self._refused = refused
        self._revisions: dict[str, int] = {}
        self._ticks = 0
        self._dirty: dict[Item, None] = {Item(CONFIG): None}
        self._in_flight = b""
        self._written = 0
        self._config_end = 0
        if not once:
            with world.lock:
                self._dirty |= dict.fromkeys(world.all_items())
                if world.synced:
                    self._dirty[SYNCED] = None

    @property
    def waiting(self) -> bool:
        """Whether there is something to write."""
        return bool(self._in_flight or self._dirty)

    def mark(self, items: list[Item], *, resynced: bool = False) -> None:
        """These may differ from what the alert was told. `resynced`: a snapshot has arrived."""
        if self._once:
            return
        with self._world.lock:
            self._dirty |= dict.fromkeys(items)
            if resynced or SYNCED in self._dirty:
                self._dirty.pop(SYNCED, None)
                if self._world.synced:  # else the snapshot that is still missing will say so
                    self._dirty[SYNCED] = None  # behind everything that it covers

    def pump(self, fd: int) -> None:
        """Write what fits. Raises BrokenPipeError when the alert has closed its end."""
        while self._in_flight or self._render():
            try:
                written = os.write(fd, self._in_flight)
            except BlockingIOError:
                return
            self._written += written
            self._in_flight = self._in_flight[written:]

    def config_unread(self, unread: int) -> bool:
        """Whether the alert has not taken the newest config line yet, with `unread` bytes in its pipe."""
        return Item(CONFIG) in self._dirty or self._config_end > self._written - unread

    def _render(self) -> bool:
        with self._world.lock:
            chunk = bytearray()
            while self._dirty and len(chunk) < _CHUNK:
                item = Item(CONFIG) if Item(CONFIG) in self._dirty else next(iter(self._dirty))
                del self._dirty[item]
                chunk += self._rendered(item)
                if item.topic == CONFIG:
                    self._config_end = self._written + len(chunk)
            self._in_flight = bytes(chunk)
        return bool(chunk)

    def _rendered(self, item: Item) -> bytes:
        text = line(self._message(item))
        if len(text) <= MAX_LINE or item.topic == CONFIG:
            return text
        self._refused(item, len(text))
        return b""

    def _message(self, item: Item) -> dict[str, Any]:
        if item.topic == CONFIG:
            config = self._first(self._next("config"))
            return {**config, **self._everything()} if self._once else config
        if item == SYNCED:
            entities, recipients = self._world.counts()
            return {"type": "synced", "at": _now(), "entities": entities, "recipients": recipients}
        if item == TICK:
            self._ticks += 1
            return {"type": "tick", "at": _now(), "seq": self._ticks, "scheduled": _now()}
        data = self._world.get(item)
        if item.topic == RECIPIENT:
            who = {"type": "recipient", "at": _now(), "id": item.key, "rev": self._next("recipient")}
            return {**who, "deleted": True} if data is None else {**who, "data": data}
        return {"type": "entity", "at": _now(), **self._entity(item, data), "rev": self._next("entity")}

    def _everything(self) -> dict[str, Any]:
        items = self._world.all_items()
        return {
            "type": "run",
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
