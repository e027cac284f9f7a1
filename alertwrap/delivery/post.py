"""One kept connection to the notice center, with a limit on the whole exchange that no slow server can stretch."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECT_SECONDS, TOTAL_SECONDS = 3.0, 15.0
#: Bytes for each of which a second is added: a reply with its files must get through a slow line too.
_BYTES_A_SECOND = 256 * 1024
#: More than any honest answer to a batch; the rest is not read.
_MAX_ANSWER = 8 * 1024 * 1024


class NoAnswer(Exception):
    """The network or the server failed us; the batch may or may not have arrived."""


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str | None
    body: bytes


class Poster:
    """POSTs, or another `method`, to one address; keeps its connection between calls. For one thread."""

    def __init__(
        self, server: str, token: str, path: str, *, total: float = TOTAL_SECONDS, method: str = "POST",
        content_type: str = "application/x-ndjson",
    ) -> None:  # fmt: skip
        url = urlsplit(server)
        self._tls = url.scheme == "https"
        self._host = url.hostname or "127.0.0.1"
        self._port = url.port or (443 if self._tls else 80)
        self._path = url.path.rstrip("/") + path
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
        self._method = method
        self._total = total
        self._end = float("inf")
        self._connection: http.client.HTTPConnection | None = None

    def post(self, body: bytes) -> Answer:
        """Raises NoAnswer when there is none within the time."""
        kept = self._connection is not None
        try:
            return self._exchange(body)
        except _Stale:
            # A server may close a kept connection at any moment. Receivers are idempotent: once more, on a new one.
            if not kept:
                raise NoAnswer("the connection was closed without an answer") from None
        try:
            return self._exchange(body)
        except _Stale:
            raise NoAnswer("the connection was closed without an answer") from None

    def end_by(self, at: float) -> None:
        """From any thread: nothing goes on after `at` (monotonic), neither what is in flight nor what comes later."""
        self._end = at
        ending = threading.Timer(max(0.0, at - time.monotonic()), lambda: _cut(self._connection))
        ending.daemon = True
        ending.start()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, body: bytes) -> Answer:
        total = self._total + len(body) / _BYTES_A_SECOND
        until = min(time.monotonic() + total, self._end)
        connection = self._connection or self._connect()
        self._connection = connection
        watchdog = threading.Timer(until - time.monotonic(), _cut, (connection,))
        watchdog.daemon = True
        watchdog.start()
        try:
            connection.sock.settimeout(total)
            connection.request(self._method, self._path, body, self._headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.getheader("Retry-After"), response.read(_MAX_ANSWER))
            if response.will_close or not response.isclosed():
                self.close()
            return answer
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
            self.close()
            if time.monotonic() >= until:
                raise NoAnswer("no answer in time") from None
            raise _Stale from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoAnswer(f"{type(error).__name__}: {error}") from None
        finally:
            watchdog.cancel()

    def _connect(self) -> http.client.HTTPConnection:
        seconds = min(CONNECT_SECONDS, self._end - time.monotonic())
        if seconds <= 0:
            raise NoAnswer("no time left")
        connection = self._new_connection(seconds)
        try:
            connection.connect()
        except OSError as error:
            raise NoAnswer(f"cannot connect to {self._host}:{self._port}: {error}") from None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _new_connection(self, seconds: float) -> http.client.HTTPConnection:
        if not self._tls:
            return http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        import ssl  # noqa: PLC0415 - a context costs 2 MB and 20 ms, and most wrappers talk to this very machine

        context = ssl.create_default_context()
        return http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=context)


class _Stale(Exception):
    """A kept connection turned out to be closed."""


def _cut(connection: http.client.HTTPConnection | None) -> None:
    if connection is None:
        return
    with contextlib.suppress(OSError, AttributeError):  # it may be closed already
        connection.sock.shutdown(socket.SHUT_RDWR)
