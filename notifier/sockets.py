"""The two ways to a follower: straight to its transport, or through the ASGI server's `send`.

Once the hub writes to a transport, every text frame of that socket goes the same way, so that order is kept. Pings,
pongs and the closing handshake stay the server's: it writes whole frames to the same transport, between ours.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from starlette.types import Scope, Send
from starlette.websockets import WebSocketDisconnect

from notifier.crowd import NO_DESCRIPTOR, Socket
from notifier.entry import Frame, close_frame

#: What a follower may leave unread before it is closed; it resumes from its cursor.
MAX_UNREAD_BYTES = 1024 * 1024
#: Followers in this process share our memory: a count is enough.
_MAX_UNREAD_FRAMES = 1_024
#: Below this a socket takes the next page of something long.
_ROOM_BYTES = 128 * 1024
_ROOM_FRAMES = 64
#: A follower that takes nothing of what it asked for in this time has stalled.
_STALL_SECONDS = 20.0
_LOOK_SECONDS = 0.005
#: After the close frame a stalled socket has this long to read it; then its memory is freed.
_CLOSE_SECONDS = 5.0

TOO_SLOW = 4008


class Stalled(Exception):
    """The follower does not read."""


class Connection(Protocol):
    """What the ASGI server keeps of a websocket. It calls the watchers when writing stops, goes on, or ends."""

    transport: asyncio.Transport
    watchers: list[Callable[[], None]]


class FollowerSocket(Socket, Protocol):
    """Text frames to one follower."""

    def overfull(self) -> bool: ...

    async def room(self) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...


class TransportSocket:
    """Writes prepared frames to the asyncio transport. `slow` is called once, when the follower does not keep up."""

    def __init__(self, connection: Connection, send: Send, slow: Callable[[], None]) -> None:
        self._transport = transport = connection.transport
        self._unread = transport.get_write_buffer_size
        self._closing = transport.is_closing
        self._send = send
        self.stalled = slow
        self._connection = connection
        # Told of the first byte that waits, so that nothing is written to the kernel past half a frame.
        transport.set_write_buffer_limits(high=0)

    def push(self, frames: Sequence[Frame], wire: bytes) -> bool:
        if self._unread() > MAX_UNREAD_BYTES:
            return False
        if not self._closing():
            self._transport.write(wire)
        return True

    def descriptor(self) -> int:
        """The kernel's, when nothing waits before it. With TLS there is none: the bytes are not the kernel's."""
        ready = self._unread() == 0 and not self._closing() and self._transport.get_extra_info("sslcontext") is None
        socket = self._transport.get_extra_info("socket") if ready else None
        return NO_DESCRIPTOR if socket is None else socket.fileno()

    def watch(self, changed: Callable[[], None]) -> None:
        self._connection.watchers.append(changed)

    def unwatch(self, changed: Callable[[], None]) -> None:
        self._connection.watchers.remove(changed)

    def overfull(self) -> bool:
        """Whether what waits is beyond what `push` allows: answers to pings that nobody reads."""
        return self._unread() > 2 * MAX_UNREAD_BYTES

    async def room(self) -> None:
        """Returns when there is room for a page. Raises Stalled when nothing is being read."""
        async with _stall_limit():
            while self._unread() > _ROOM_BYTES and not self._closing():  # noqa: ASYNC110 - transports have no event
                await asyncio.sleep(_LOOK_SECONDS)

    async def close(self, code: int, reason: str) -> None:
        if self._unread() <= _ROOM_BYTES:
            await _send_close(self._send, code, reason)
        else:  # the server would wait for room before it says goodbye
            self._transport.write(close_frame(code, reason))
            self._transport.close()
            asyncio.get_running_loop().call_later(_CLOSE_SECONDS, self._transport.abort)


class QueuedSocket:
    """Hands frames to the server one by one, from a bounded queue of its own."""

    def __init__(self, send: Send, slow: Callable[[], None]) -> None:
        self._send = send
        self.stalled = slow
        self._frames: deque[Frame] = deque()
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._writer = asyncio.create_task(self._write_forever())

    def push(self, frames: Sequence[Frame], wire: bytes) -> bool:
        if len(self._frames) > _MAX_UNREAD_FRAMES:
            return False
        self._frames.extend(frames)
        self._filled.set()
        return True

    def descriptor(self) -> int:
        return NO_DESCRIPTOR

    def watch(self, changed: Callable[[], None]) -> None:
        """Nothing ever changes."""

    def unwatch(self, changed: Callable[[], None]) -> None:
        """Nothing was watched."""

    def overfull(self) -> bool:
        return False

    async def room(self) -> None:
        async with _stall_limit():
            while len(self._frames) > _ROOM_FRAMES and not self._writer.done():
                self._emptied.clear()
                await self._emptied.wait()

    async def close(self, code: int, reason: str) -> None:
        if code != TOO_SLOW:
            with contextlib.suppress(Stalled):
                await self.room()
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        await _send_close(self._send, code, reason)

    async def _write_forever(self) -> None:
        while True:
            self._filled.clear()
            while self._frames:
                await self._send({"type": "websocket.send", "text": self._frames[0].payload.decode()})
                self._frames.popleft()
                self._emptied.set()
            await self._filled.wait()


def socket_of(scope: Scope, send: Send, slow: Callable[[], None]) -> FollowerSocket:
    """The direct way where the server offers it (service_kit.serve does), else the queue."""
    connection = scope.get("extensions", {}).get("alertwrap.connection")
    return QueuedSocket(send, slow) if connection is None else TransportSocket(connection, send, slow)


async def _send_close(send: Send, code: int, reason: str) -> None:
    with contextlib.suppress(TimeoutError, OSError, RuntimeError, WebSocketDisconnect):
        await asyncio.wait_for(send({"type": "websocket.close", "code": code, "reason": reason}), _CLOSE_SECONDS)


@contextlib.asynccontextmanager
async def _stall_limit() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_STALL_SECONDS):
            yield
    except TimeoutError:
        raise Stalled from None
