"""The hub: tells every follower of an entry, in the order of the commits, by bytes that are made once.

Everything here is synchronous, so that each act is atomic on the event loop: an entry is either told to a follower
that is attached, or stands in the ring (or the journal) for one that attaches later. There is no third case.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from notifier.crowd import Crowd, Socket
from notifier.entry import Entry, Frame

#: Recent entries of all topics, so that most followers resume without a question to the database.
_RING_ENTRIES = 4_096
_RING_BYTES = 8 * 1024 * 1024
#: More than this at once would look like a stalled follower; such a one reads the journal page by page first.
_BURST_BYTES = 256 * 1024


@dataclass(frozen=True)
class View:
    """What a follower sees of a topic: keys that begin with `prefix`, and data with these values of these fields.

    A condition is (field, whether the value is a boolean, value), since for Python 1 is True.
    """

    topic: str
    prefix: str = ""
    where: tuple[tuple[str, bool, Any], ...] = ()

    def holds(self, fields: dict[str, Any]) -> bool:
        """Whether an entity with these fields is in the view."""
        return all(
            name in fields and fields[name] == value and isinstance(fields[name], bool) == is_bool
            for name, is_bool, value in self.where
        )

    def frame(self, entry: Entry) -> Frame | None:
        """What this view hears of `entry`. An entity outside of `where` is gone, since it may have been inside."""
        if not entry.key.startswith(self.prefix):
            return None
        inside = not self.where or (entry.action != "deleted" and self.holds(entry.fields))
        return entry.frame if inside else entry.gone


@dataclass(eq=False)
class _Audience:
    """The followers of one view. `outside` are keys of which they have heard that they are not in the view."""

    view: View
    crowd: Crowd = field(default_factory=Crowd)
    outside: set[str] = field(default_factory=set)
    pending: list[Frame] = field(default_factory=list)

    def hear(self, entry: Entry) -> bool:
        """Note what is to be told; True when something is."""
        frame = self.view.frame(entry)
        if self.view.where and frame is not None:
            frame = self._once(entry, frame)
        if frame is not None:
            self.pending.append(frame)
        return frame is not None

    def flush(self) -> list[Socket]:
        """One write to each follower; returns those who were too slow, and have been let go."""
        frames, self.pending = self.pending, []
        wire = frames[0].wire if len(frames) == 1 else b"".join([frame.wire for frame in frames])
        return self.crowd.tell(frames, wire)

    def _once(self, entry: Entry, frame: Frame) -> Frame | None:
        if frame is not entry.gone:
            self.outside.discard(entry.key)
            return frame
        heard = entry.key in self.outside
        if entry.action == "deleted":
            self.outside.discard(entry.key)
        else:
            self.outside.add(entry.key)
        return None if heard else frame


class Hub:
    """`offset` is how far the journal has been told. Starts at the journal's head: nothing is told twice."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self._ring: deque[Entry] = deque()
        self._ring_bytes = 0
        self._ring_after = offset
        self._recent: dict[str, deque[Entry]] = {}
        self._newest: dict[str, int] = {}
        self._start = offset
        self._audiences: dict[tuple[str, str], dict[View, _Audience]] = {}
        self._dirty: dict[_Audience, None] = {}
        self._told = asyncio.Event()

    def newest(self, topic: str) -> int:
        """An offset after which nothing of `topic` has been told."""
        return self._newest.get(topic, self._start)

    def tell(self, entries: Iterable[Entry]) -> None:
        """Entries in commit order, right after those told before."""
        for entry in entries:
            self._remember(entry)
            for audience in self._concerned(entry):
                if audience.hear(entry):
                    self._dirty[audience] = None
        if self._dirty:
            asyncio.get_running_loop().call_soon(self.flush)
        self._told.set()

    def flush(self) -> None:
        """Write what is pending: all entries of one tick of the loop in one write to each socket."""
        dirty, self._dirty = self._dirty, {}
        for socket in [socket for audience in dirty for socket in audience.flush()]:
            socket.stalled()

    def attach(self, socket: Socket, view: View, after: int) -> bool:
        """Tell `socket` all entries of `view` after `after`: those of the past now, those to come as they come.

        False when the past is not at hand: read it from the journal up to `offset`, then try again.
        """
        self.flush()
        past = self._past(view, after)
        if past is None:
            return False
        if past and not socket.push(past, b"".join([frame.wire for frame in past])):
            socket.stalled()
            return True
        audiences = self._audiences.setdefault((view.topic, view.prefix), {})
        audiences.setdefault(view, _Audience(view)).crowd.add(socket)
        return True

    def detach(self, socket: Socket, view: View) -> None:
        """Tell `socket` nothing more of `view`."""
        self.flush()
        place = (view.topic, view.prefix)
        audiences = self._audiences.get(place, {})
        if view in audiences:
            audiences[view].crowd.discard(socket)
            if not audiences[view].crowd:
                del audiences[view]
        if not audiences:
            self._audiences.pop(place, None)

    async def reached(self, offset: int) -> None:
        """Returns once `offset` has been told."""
        while self.offset < offset:
            self._told.clear()
            await self._told.wait()

    def _concerned(self, entry: Entry) -> list[_Audience]:
        """By the owner that the key begins with, so that one person's entry costs nothing for the others."""
        owner, slash, _ = entry.key.partition("/")
        own = self._audiences.get((entry.topic, owner + slash), {}).values() if slash else ()
        return [*self._audiences.get((entry.topic, ""), {}).values(), *own]

    def _past(self, view: View, after: int) -> list[Frame] | None:
        """The frames of `view` after `after`, when all of them are in the ring and they are not too many."""
        if after >= self.newest(view.topic):
            return []
        if after < self._ring_after:
            return None
        recent = self._recent.get(view.topic, ())
        frames = [frame for entry in recent if entry.offset > after and (frame := view.frame(entry))]
        return frames if sum(len(frame.wire) for frame in frames) <= _BURST_BYTES else None

    def _remember(self, entry: Entry) -> None:
        self.offset = self._newest[entry.topic] = entry.offset
        self._ring.append(entry)
        self._recent.setdefault(entry.topic, deque()).append(entry)
        self._ring_bytes += len(entry.frame.wire)
        while len(self._ring) > _RING_ENTRIES or self._ring_bytes > _RING_BYTES:
            self._forget(self._ring.popleft())

    def _forget(self, oldest: Entry) -> None:
        recent = self._recent[oldest.topic]
        recent.popleft()
        if not recent:
            del self._recent[oldest.topic]
        self._ring_bytes -= len(oldest.frame.wire)
        self._ring_after = oldest.offset
