"""A crowd: the sockets that are told the same, written to in one sweep over their descriptors.

In a broadcast to thousands each object that is touched between two writes costs a cache miss, and together they cost
as much as half of the kernel's work. So who has nothing unread is kept as a bare descriptor in a list, until its
connection says that this has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import write
from typing import Protocol

from notifier.entry import Frame

#: The descriptor of a socket that must be written to through its `push`.
NO_DESCRIPTOR = -1


class Socket(Protocol):
    """The end of a follower that a crowd writes to."""

    def push(self, frames: Sequence[Frame], wire: bytes) -> bool:
        """Take frames, given singly and as joined bytes, without waiting. False: the follower is too slow."""

    def stalled(self) -> None:
        """Called once after `push` said False and the hub has let go of it."""

    def descriptor(self) -> int:
        """Where whole frames may be written now, past everything else; NO_DESCRIPTOR when they may not."""

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever `descriptor` may answer otherwise, before the descriptor can be another's."""

    def unwatch(self, changed: Callable[[], None]) -> None:
        """Undo `watch`."""


class Crowd:
    """Sockets in the order in which they came."""

    def __init__(self) -> None:
        self._sockets: dict[Socket, None] = {}
        self._ready: list[int] = []
        self._ready_sockets: list[Socket] = []
        self._others: list[Socket] = []
        self._stale = False

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: Socket) -> None:
        if socket not in self._sockets:
            self._sockets[socket] = None
            self._stale = True
            socket.watch(self._changed)

    def discard(self, socket: Socket) -> None:
        if socket in self._sockets:
            del self._sockets[socket]
            self._stale = True
            socket.unwatch(self._changed)

    def tell(self, frames: Sequence[Frame], wire: bytes) -> list[Socket]:
        """One write to each; returns those who are too slow, and have been let go."""
        if self._stale:
            self._sort()
        # a write that falls short goes through `push` and ends this list; the sweep itself goes on over the same one
        sockets, others, short = self._ready_sockets, self._others, len(wire)
        slow = []
        for place, descriptor in enumerate(self._ready):
            try:
                taken = write(descriptor, wire)
            except OSError:  # the connection will find the same error, and knows what to do
                taken = 0
            if taken < short and not sockets[place].push(frames, wire[taken:]):
                slow.append(sockets[place])
        slow += [socket for socket in others if not socket.push(frames, wire)]
        for socket in slow:
            self.discard(socket)
        return slow

    def _sort(self) -> None:
        placed = [(socket.descriptor(), socket) for socket in self._sockets]
        self._ready = [number for number, _ in placed if number != NO_DESCRIPTOR]
        self._ready_sockets = [socket for number, socket in placed if number != NO_DESCRIPTOR]
        self._others = [socket for number, socket in placed if number == NO_DESCRIPTOR]
        self._stale = False

    def _changed(self) -> None:
        self._stale = True
