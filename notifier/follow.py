"""One follower: its websocket from the handshake to the close. Reader and end live and die together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from notifier import topics
from notifier.commands import Auth, BadFrame, Ping, Subscribe, Unsubscribe, parse
from notifier.cursor import Cursor
from notifier.entry import Frame, frame
from notifier.hub import Hub, View
from notifier.journal import PAGE, Journal
from notifier.snapshots import Snapshots
from notifier.sockets import TOO_SLOW, FollowerSocket, Stalled, socket_of
from service_kit.auth import Principal, bearer
from service_kit.guard import Guard
from service_kit.problems import Unauthorized, Unavailable

log = structlog.get_logger()

#: A browser says who it is in its first frame, within this time.
AUTH_SECONDS = 5.0
#: Topics of one follower.
MAX_SUBSCRIPTIONS = 100
#: A commit is told within milliseconds; when a snapshot is newer than that, its report was lost.
_TOLD_SECONDS = 2.0

UNAUTHORIZED, FORBIDDEN, INTERNAL, TRY_LATER = 4401, 4403, 1011, 1013
_PONG = frame(type="pong")


class Ended(Exception):
    """The connection is to be closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass
class Stream:
    """What all followers of this process share, and who they are."""

    journal: Journal
    hub: Hub
    snapshots: Snapshots
    guard: Guard
    most: int
    followers: set[Follower] = field(default_factory=set)

    async def serve(self, websocket: WebSocket) -> None:
        """Answer one websocket until it ends."""
        if not self.guard.origins.may_connect(websocket.scope):
            await websocket.close(FORBIDDEN)  # before the handshake: HTTP 403
            return
        await websocket.accept()
        follower = Follower(self, websocket)
        self.followers.add(follower)
        try:
            await follower.run()
        finally:
            self.followers.discard(follower)

    def check(self, now: datetime) -> None:
        """End those whose token is no longer what it was, and those who drown us in unread answers."""
        for follower in self.followers:
            follower.check(now)


class Follower:
    """The state of one websocket."""

    def __init__(self, stream: Stream, websocket: WebSocket) -> None:
        self._stream = stream
        self._websocket = websocket
        self._token = ""
        self._session: str | None = None
        self._principal: Principal | None = None
        self._views: dict[str, View] = {}
        self._ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._socket: FollowerSocket = socket_of(websocket.scope, websocket.send, self._slow)

    async def run(self) -> None:
        """Until the client leaves, or must."""
        reader = asyncio.create_task(self._read_forever())
        try:
            await asyncio.wait((reader, self._ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            reader.cancel()
            self._forget_all()
            await asyncio.gather(reader, return_exceptions=True)
            end = self._ended.result() if self._ended.done() else _why(reader)
            await self._socket.close(end.code, end.reason)

    def check(self, now: datetime) -> None:
        """End this connection when its token was revoked, changed or has expired, or when it does not read."""
        if self._principal is not None and not self._stream.guard.holds(self._token, self._principal, now):
            self.end(UNAUTHORIZED, "the token was revoked, changed or has expired")
        if self._socket.overfull():
            self._slow()

    def end(self, code: int, reason: str) -> None:
        """From now on it hears nothing more; the socket is closed as soon as possible."""
        self._forget_all()
        if not self._ended.done():
            self._ended.set_result(Ended(code, reason))

    def _slow(self) -> None:
        self.end(TOO_SLOW, "too slow: resume from the last cursor")

    def _forget_all(self) -> None:
        views, self._views = self._views, {}
        for view in views.values():
            self._stream.hub.detach(self._socket, view)

    async def _read_forever(self) -> None:
        if len(self._stream.followers) > self._stream.most:
            raise Ended(TRY_LATER, "too many followers: try again later")
        await self._authenticate(self._introduced() or await self._first_frame())
        while True:
            text = await self._receive()
            try:
                await self._obey(text)
            except BadFrame as error:
                self._say(_error(error.code, error.message, error.topic))

    def _introduced(self) -> str | None:
        """The token that came with the handshake: in a header, or in the cookie of a page of ours."""
        token = bearer(self._websocket.headers.get("authorization"))
        if token is None:
            token = self._session = self._stream.guard.socket_session(self._websocket.scope)
        return token

    async def _authenticate(self, token: str) -> None:
        try:
            principal = await self._stream.guard.who(token)
        except Unauthorized as refusal:
            raise Ended(UNAUTHORIZED, refusal.detail) from None
        if not topics.may_follow(principal):
            raise Ended(FORBIDDEN, "the token may not follow any topic")
        self._token, self._principal = token, principal
        self._say(frame(type="ready", epoch=self._stream.journal.epoch))

    async def _first_frame(self) -> str:
        try:
            command = parse(await asyncio.wait_for(self._receive(), AUTH_SECONDS))
        except (TimeoutError, BadFrame):
            command = None
        if not isinstance(command, Auth):
            raise Ended(UNAUTHORIZED, 'expected {"type":"auth","token":...} as the first frame')
        return command.token

    async def _obey(self, text: str | None) -> None:
        match parse(text):
            case Subscribe() as command:
                await self._subscribe(command)
            case Unsubscribe(topic=topic):
                self._unsubscribe(topic)
            case Ping():
                self._say(_PONG)
            case Auth(token=token) if self._token == self._session and not self._views:
                await self._authenticate(token)  # a page that has a token of its own means that one, not our cookie
            case Auth():
                raise BadFrame("unexpected", "this connection is authenticated")

    def _unsubscribe(self, topic: str) -> None:
        view = self._views.pop(topic, None)
        if view is None:
            raise BadFrame("not-subscribed", "there is no subscription to this topic", topic)
        self._stream.hub.detach(self._socket, view)

    async def _subscribe(self, command: Subscribe) -> None:
        """A subscription to the same topic replaces the one before."""
        assert self._principal is not None
        prefix = topics.visible(self._principal, command.topic)
        if prefix is None:
            raise BadFrame("forbidden", "the token may not follow this topic", command.topic)
        if command.topic in self._views:
            self._unsubscribe(command.topic)
        if len(self._views) >= MAX_SUBSCRIPTIONS:
            raise BadFrame("too-many", f"expected at most {MAX_SUBSCRIPTIONS} topics", command.topic)
        view = self._views[command.topic] = command.view(prefix)
        await self._bring_up_to_now(view, await self._start(view, command.since))

    async def _start(self, view: View, since: Cursor | Literal["now"] | None) -> int:
        """The offset that the follower knows: its own, that of the snapshot it gets, or that of this moment."""
        if since is None:
            return await self._snapshot(view)
        if since == "now":
            now = Cursor(self._stream.journal.epoch, self._stream.hub.offset)
            self._say(frame(type="following", topic=view.topic, cursor=str(now)))
            return now.offset
        if since.epoch != self._stream.journal.epoch:
            return await self._resync(view, "epoch")
        if since.offset > self._stream.hub.offset:
            return await self._resync(view, "unknown")
        return since.offset

    async def _resync(self, view: View, reason: str) -> int:
        self._say(frame(type="resync", topic=view.topic, reason=reason))
        return await self._snapshot(view)

    async def _snapshot(self, view: View) -> int:
        pages = await self._stream.snapshots.of(view)
        await self._send_all(pages.frames)
        await self._told(pages.cursor.offset)
        return pages.cursor.offset

    async def _told(self, offset: int) -> None:
        """The hub must have passed what the snapshot holds, or the follower would hear it a second time."""
        try:
            await asyncio.wait_for(self._stream.hub.reached(offset), _TOLD_SECONDS)
        except TimeoutError:
            await self._stream.journal.append(())
            await asyncio.wait_for(self._stream.hub.reached(offset), _TOLD_SECONDS)

    async def _bring_up_to_now(self, view: View, after: int) -> None:
        """Page by page from the journal, until the hub has the rest: then the follower is attached, in one act."""
        hub = self._stream.hub
        while not self._ended.done() and not hub.attach(self._socket, view, after):
            upto = hub.offset
            entries = await self._stream.journal.since(view.topic, after, upto)
            if entries is None:
                after = await self._resync(view, "trimmed")
                continue
            await self._send_all([told for entry in entries if (told := view.frame(entry))])
            after = entries[-1].offset if len(entries) == PAGE else upto
        if self._ended.done():
            hub.detach(self._socket, view)

    async def _send_all(self, frames: Sequence[Frame]) -> None:
        """Something long: as fast as the follower reads it."""
        for one in frames:
            await self._socket.room()
            self._say(one)

    def _say(self, answer: Frame) -> None:
        if not self._socket.push((answer,), answer.wire):
            raise Stalled

    async def _receive(self) -> str | None:
        message: Any = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text: str | None = message.get("text")
        return text


def _why(reader: asyncio.Task[None]) -> Ended:
    """How the reader ended → how the socket is closed."""
    match None if reader.cancelled() else reader.exception():
        case Ended() as end:
            return end
        case Stalled():
            return Ended(TOO_SLOW, "too slow: resume from the last cursor")
        case WebSocketDisconnect() | None:
            return Ended(1000, "")
        case Unavailable() | TimeoutError():
            return Ended(TRY_LATER, "storage does not answer: try again later")
        case error:
            log.error("a follower's connection failed", exc_info=error)
            return Ended(INTERNAL, "internal error")


def _error(code: str, message: str, topic: str | None) -> Frame:
    about = {} if topic is None else {"topic": topic}
    return frame(type="error", code=code, message=message, **about)
