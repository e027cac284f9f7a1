"""How the other services talk to the notifier: publish events, follow a topic."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence

import structlog

from notifier.frames import IDLE_SECONDS, PATH, Change, Feed, Refused, Snapshot, pause
from service_kit.peer import Peer, Socket, SocketClosed
from wire.event import Event

log = structlog.get_logger()

#: Events in one request.
_BATCH = 1_000


class PublishFailed(Exception):
    """The notifier did not take all events. What it took, it knows by id: publishing again is harmless."""


class NotifierClient:
    """Opened with the peer; `close` it at the end."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._http = peer.http()

    async def close(self) -> None:
        await self._http.aclose()

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns when all events are durable there. Raises PublishFailed, or an httpx2 error when it is away."""
        for start in range(0, len(events), _BATCH):
            lines = [event.model_dump_json(exclude_none=True) for event in events[start : start + _BATCH]]
            answer = await self._http.post(
                "/api/v1/events",
                content="\n".join(lines).encode(),
                headers={"content-type": "application/x-ndjson"},
            )
            if answer.status_code != 202:
                raise PublishFailed(f"the notifier answered {answer.status_code}: {answer.text[:500]}")

    async def follow(self, topic: str) -> AsyncIterator[Snapshot | Change]:
        """The state of `topic`, then every change after it, for ever; after a resync the state again.

        Resumes where it was when the connection breaks. End it by cancelling, or by `aclose()` on the iterator.
        """
        feed, failures = Feed(topic), 0
        while True:
            try:
                async with self._peer.websocket(PATH) as socket:
                    await socket.send(feed.subscribe())
                    async for value in _values(socket, feed):
                        failures = 0
                        yield value
            except (SocketClosed, OSError, TimeoutError, Refused) as error:
                failures += 1
                log.info("following again", topic=topic, cursor=feed.cursor, failures=failures, error=str(error))
            await asyncio.sleep(pause(failures, random.random))


async def _values(socket: Socket, feed: Feed) -> AsyncIterator[Snapshot | Change]:
    while True:
        value = feed.take(json.loads(await _receive(socket)))
        if value is not None:
            yield value


async def _receive(socket: Socket) -> str:
    """The next frame. Raises TimeoutError when the other end is silent even when asked: a half-open connection."""
    # not wait_for: in Python 3.11 it may swallow a cancellation that comes together with a frame
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            return await socket.receive()
    except TimeoutError:
        await socket.send('{"type": "ping"}')
        async with asyncio.timeout(IDLE_SECONDS):
            return await socket.receive()
