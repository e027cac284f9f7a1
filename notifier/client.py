"""How the other services talk to the notifier: publish events, follow a topic."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Any

import httpx2
import structlog

from notifier.frames import IDLE_SECONDS, PATH, Change, Feed, Refused, Snapshot, pause
from service_kit.auth import TokenTable
from service_kit.outbox import NeverTaken
from service_kit.peer import Peer, Socket, SocketClosed
from wire.event import Event
from wire.times import rfc3339, utc_now

log = structlog.get_logger()

#: Events in one request, and their bytes.
_BATCH = 1_000
#: Between two looks for tokens that were used.
USES_SECONDS = 20.0
_BATCH_BYTES = 4 * 1024 * 1024


class PublishFailed(Exception):
    """The notifier did not take all events. What it took, it knows by id: publishing again is harmless."""


class EventsRefused(NeverTaken, PublishFailed):
    """Some events are malformed, too large, or carry the id of another; it took all the others."""


class NotifierClient:
    """Opened with the peer; `close` it at the end."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._http = peer.http()

    async def close(self) -> None:
        await self._http.aclose()

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns when all events are durable there. Raises PublishFailed, or an httpx2 error when it is away."""
        await self.publish_texts([event.model_dump_json(exclude_none=True).encode() for event in events])

    async def publish_texts(self, events: Sequence[bytes]) -> None:
        """The same for events that are JSON texts. Raises EventsRefused when some are never taken; all others were."""
        refused: dict[int, str] = {}
        for start, some in _requests(events):
            refused |= {start + index: why for index, why in (await self._post(some)).items()}
        if refused:
            raise EventsRefused(refused)

    async def _post(self, events: Sequence[bytes]) -> dict[int, str]:
        """Why some of them are never taken, by index."""
        headers = {"content-type": "application/x-ndjson"}
        answer = await self._http.post("/api/v1/events", content=b"\n".join(events), headers=headers)
        if answer.status_code == 202:
            return {}
        if answer.status_code == 413:
            return await self._post_halves(events)
        if answer.status_code in (207, 409, 422) and (results := answer.json().get("results")):
            return _refusals(results)
        raise PublishFailed(f"the notifier answered {answer.status_code}: {answer.text[:500]}")

    async def _post_halves(self, events: Sequence[bytes]) -> dict[int, str]:
        """It takes smaller requests than we thought."""
        if len(events) == 1:
            return {0: "larger than the notifier takes"}
        middle = len(events) // 2
        first, second = await self._post(events[:middle]), await self._post(events[middle:])
        return first | {middle + index: why for index, why in second.items()}

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


def _requests(events: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Where each request's events begin, and which they are."""
    start, size = 0, 0
    for index, event in enumerate(events):
        if index > start and (index - start == _BATCH or size + len(event) > _BATCH_BYTES):
            yield start, events[start:index]
            start, size = index, 0
        size += len(event) + 1
    if start < len(events):
        yield start, events[start:]


def _refusals(results: Sequence[Any]) -> dict[int, str]:
    """Raises PublishFailed when it is our token that lacks a right: that can be mended, and then they are taken."""
    bad = {index: one for index, one in enumerate(results) if one["status"] in ("rejected", "conflict")}
    reasons = {
        index: f"{one['status']}: {'; '.join(error['message'] for error in one['errors'])}"
        for index, one in bad.items()
    }
    if any(error["path"] == "/topic" for one in bad.values() for error in one["errors"]):
        raise PublishFailed(f"the notifier answered: {next(iter(reasons.values()))}")
    return reasons


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


async def follow_tokens(notifier: NotifierClient, tokens: TokenTable) -> None:
    """Keep a service's table of tokens up to date, for ever: a revocation is there within moments."""
    async for heard in notifier.follow("token"):
        if isinstance(heard, Snapshot):
            tokens.replace(iter(heard.items.items()))
        else:
            tokens.put(heard.key, heard.data)


def uses(tokens: TokenTable, now: datetime) -> list[Event]:
    """What this service saw of tokens being used, for the topic `token_use`."""
    seen = tokens.take_uses(now).items()
    return [Event(topic="token_use", key=id, action="updated", data={"at": rfc3339(at)}, at=at) for id, at in seen]


async def tell_uses(notifier: NotifierClient, tokens: TokenTable) -> None:
    """Publish them for ever; cancel to stop. What cannot be told is forgotten: the next use is told again."""
    while True:
        await asyncio.sleep(USES_SECONDS)
        try:
            await notifier.publish(uses(tokens, utc_now()))
        except (PublishFailed, httpx2.HTTPError) as error:
            log.info("uses of tokens could not be told", error=str(error))
