"""The stream over plain HTTP: for pages behind a proxy that lets no websocket through.

A poll is a follower that lives for one answer: what a websocket would have brought, it brings as a list, as soon as
there is something. What comes after that is told to the next poll, which names the cursors that this one brought.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope
from starlette.websockets import WebSocket

from notifier.follow import FORBIDDEN, MAX_SUBSCRIPTIONS, UNAUTHORIZED, Stream
from service_kit.problems import Forbidden, Problem, Unauthorized, Unavailable
from wire.ids import Name

#: Seconds; below what proxies wait for an answer.
_LONGEST_WAIT = 25
#: The close code of a follower that left by itself.
_DONE = 1000
#: What a websocket says of itself, and is of no use in a list.
_OWN = ('{"type":"ready"', '{"type":"pong"')


class Poll(BaseModel):
    """What is followed: topic → the cursor it is known up to, or null; and how long to wait for news, in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: Annotated[dict[Name, Annotated[str, Field(max_length=90)] | None], Field(max_length=MAX_SUBSCRIPTIONS)]
    wait: Annotated[int, Field(ge=0, le=_LONGEST_WAIT)] = 0


class Heard(BaseModel):
    """The frames that there are, as on the websocket; none when nothing happened."""

    frames: list[dict[str, Any]]


async def answer(stream: Stream, request: Request, poll: Poll) -> Response:
    """Raises Unauthorized, Forbidden or Unavailable where a websocket would be closed."""
    line = _Line(poll)
    follower = asyncio.create_task(stream.serve(line.websocket(request.scope)))
    ends = (follower, asyncio.create_task(line.heard(poll.wait)), asyncio.create_task(_gone(request)))
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        line.hang_up()
        for task in ends[1:]:
            task.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
    if line.refusal is not None:
        raise line.refusal
    return Response('{"frames":[' + ",".join(line.frames) + "]}", media_type="application/json")


class _Line:
    """The far end of a follower's websocket, without a network: says what is wanted, listens, and hangs up."""

    def __init__(self, poll: Poll) -> None:
        wanted = [{"type": "subscribe", "topic": topic, "since": since} for topic, since in poll.topics.items()]
        self._says: deque[Message] = deque([{"type": "websocket.connect"}])
        self._says += [{"type": "websocket.receive", "text": json.dumps(one)} for one in (*wanted, {"type": "ping"})]
        self._caught_up, self._news, self._hung_up = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.frames: list[str] = []
        self.refusal: Problem | None = None

    def websocket(self, scope: Scope) -> WebSocket:
        own = {"type": "websocket", "subprotocols": [], "extensions": {}}
        return WebSocket({**scope, **own}, self._receive, self._send)

    async def heard(self, seconds: float) -> None:
        """Returns when all that there was has been told, and there was something, or `seconds` have passed."""
        await self._caught_up.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)

    def hang_up(self) -> None:
        self._hung_up.set()

    async def _receive(self) -> Message:
        if not self._says:
            await self._hung_up.wait()
            return {"type": "websocket.disconnect", "code": 1000}
        return self._says.popleft()

    async def _send(self, message: Message) -> None:
        if message["type"] == "websocket.close":
            self.refusal = _refusal(message["code"])
        elif message["type"] == "websocket.send":
            self._hear(message["text"])

    def _hear(self, text: str) -> None:
        if text.startswith(_OWN[1]):
            self._caught_up.set()
        elif not text.startswith(_OWN[0]):
            self.frames.append(text)
            self._news.set()


async def _gone(request: Request) -> None:
    """Returns when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _refusal(code: int) -> Problem | None:
    """What a close code is as an answer."""
    if code == UNAUTHORIZED:
        return Unauthorized("the token is unknown, revoked or expired", code="token-refused")
    if code == FORBIDDEN:
        return Forbidden("the token may follow nothing, or the page's origin is not listed", code="may-not-follow")
    return None if code == _DONE else Unavailable("the stream cannot be read now; try again", code="no-stream")
