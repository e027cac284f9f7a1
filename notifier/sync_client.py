"""The stream for threads: blocking iteration over one websocket. Light on purpose: the wrapper imports it."""

from __future__ import annotations

import contextlib
import json
import logging
import random
import socket as sockets
import threading
from collections.abc import Iterator, Sequence

import websocket

from notifier.frames import IDLE_SECONDS, PATH, Change, Feed, Refused, Snapshot, pause

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 3.0
_PING = '{"type": "ping"}'

#: Close codes that speak of who we are, and not of the moment.
_TURNED_AWAY = {4401: "unauthorized", 4403: "forbidden"}

#: All that a connection can die of: the library's errors, the network's, and frames that make no sense.
_TROUBLE = (websocket.WebSocketException, OSError, ValueError, KeyError, Refused)


class Follower:
    """Iterate over it in one thread; `stop` it from any. Resumes each topic by itself, for ever.

    Each topic starts with a Snapshot; after a resync there is a new one, which replaces what was held.
    """

    def __init__(self, server: str, token: str, topics: Sequence[str], *, patient: bool = True) -> None:
        """Not `patient`: a refused token ends the iteration with PermissionError, for a person who waits."""
        self._url = "ws" + server.removeprefix("http").rstrip("/") + PATH
        self._headers = [f"Authorization: Bearer {token}"]
        self._feeds = {topic: Feed(topic) for topic in topics}
        self._patient = patient
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._socket: websocket.WebSocket | None = None

    def stop(self) -> None:
        """End the iteration, also one that blocks; may be called at any time, from any thread."""
        with self._lock:
            self._stopped.set()
            self._cut()

    def __iter__(self) -> Iterator[Snapshot | Change]:
        failures = 0
        while not self._stopped.is_set():
            try:
                self._connect()
                while not self._stopped.is_set():
                    value = self._next()
                    if value is not None:
                        failures = 0
                        yield value
            except _TROUBLE as error:
                if self._stopped.is_set():
                    return
                if not self._patient and _is_refusal(error):
                    raise PermissionError(str(error)) from None
                failures += 1
                log.info("following again after %s: %s", type(error).__name__, error)
            finally:
                self._disconnect()
            self._stopped.wait(pause(failures, random.random))

    def _connect(self) -> None:
        connection = websocket.create_connection(
            self._url, header=self._headers, timeout=_CONNECT_SECONDS, enable_multithread=True, suppress_origin=True
        )
        with self._lock:
            self._socket = connection
            if self._stopped.is_set():
                self._cut()
        connection.settimeout(IDLE_SECONDS)
        for feed in self._feeds.values():
            connection.send(feed.subscribe())

    def _next(self) -> Snapshot | Change | None:
        frame = json.loads(self._receive())
        feed = self._feeds.get(frame.get("topic"))
        if feed is None:
            return Feed("").take(frame)  # an error of the connection itself, or nothing to us
        try:
            return feed.take(frame)
        except Refused as refusal:  # costs this topic, not the others; when the token's rights change we are cut off
            if not self._patient:
                raise
            log.warning("cannot follow %s: %s", feed.topic, refusal)
            return None

    def _receive(self) -> str:
        """The next text. Asks when there is silence; raises when there is no answer either, or the connection ends."""
        assert self._socket is not None
        try:
            kind, data = self._socket.recv_data()
        except websocket.WebSocketTimeoutException:
            self._socket.send(_PING)
            kind, data = self._socket.recv_data()
        if kind == websocket.ABNF.OPCODE_TEXT:
            return str(data, "utf-8")
        code, reason = int.from_bytes(data[:2], "big"), str(data[2:], "utf-8", "replace")
        if code in _TURNED_AWAY:
            raise Refused(_TURNED_AWAY[code], reason)
        raise websocket.WebSocketConnectionClosedException(f"the notifier closed the connection: {code} {reason}")

    def _disconnect(self) -> None:
        with self._lock:
            connection, self._socket = self._socket, None
        if connection is not None:
            with contextlib.suppress(websocket.WebSocketException, OSError):
                connection.shutdown()  # type: ignore[no-untyped-call]

    def _cut(self) -> None:
        """Wake a blocked recv: a closed descriptor would not, a shut-down connection does."""
        raw = self._socket.sock if self._socket else None
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.shutdown(sockets.SHUT_RDWR)


def _is_refusal(error: Exception) -> bool:
    """Whether the server turned away who we are, rather than us at this moment."""
    return isinstance(error, Refused) or getattr(error, "status_code", None) in (401, 403)
