"""What this process answers about its alerts, over a socket that only its owner can open, and, if asked, over a port.

The socket also takes orders and shows logs; the port, which others may reach too, only shows how things are.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from alertwrap.hosted import Alerts
from alertwrap.process.process import ready
from alertwrap.status.gauges import exposition
from alertwrap.status.tail import Tails
from alertwrap.wrapper import Wrapper

#: Under the data directory: one socket for each process.
DIRECTORY = "control"
#: Who asks for more at once is sent away: each costs a thread.
_CONNECTIONS = 16
_IDLE_SECONDS = 10.0


class StatusServer(ThreadingMixIn, TCPServer):
    """`serve_forever` is a thread's main. Without a `port` it listens on a socket in the data directory."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, alerts: Alerts, tails: Tails, at: Path | tuple[str, int]) -> None:
        self.alerts = alerts
        self.tails = tails
        self.trusted = isinstance(at, Path)
        self.ending = threading.Event()
        self._room = threading.Semaphore(_CONNECTIONS)
        self._path = at if isinstance(at, Path) else None
        if isinstance(at, Path):
            self.address_family = socket.AF_UNIX
            at.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            at.unlink(missing_ok=True)
            with short_path(at) as short:
                super().__init__(cast("Any", short), _Handler)
            at.chmod(0o600)
        else:
            self.address_family = socket.AF_INET6 if ":" in at[0] else socket.AF_INET
            super().__init__(at, _Handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self._room.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked went away, which is no news."""

    def end(self) -> None:
        """Answer nobody any more; followers of logs are let go."""
        self.ending.set()
        self.shutdown()
        self.server_close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)


class _Handler(BaseHTTPRequestHandler):
    server: StatusServer
    timeout = _IDLE_SECONDS
    server_version, sys_version = "alertwrap", ""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        match [unquote(part) for part in url.path.strip("/").split("/")]:
            case ["healthz"]:
                self._answer(200, {"status": "ok"})
            case ["metrics"]:
                self._send(200, exposition(self.server.alerts.wrappers.values()), "text/plain; version=0.0.4")
            case ["alerts"]:
                found = [wrapper.report.as_json() for _, wrapper in sorted(self.server.alerts.wrappers.items())]
                self._answer(200, {"pid": os.getpid(), "alerts": found})
            case ["alerts", name] if name in self.server.alerts.wrappers:
                self._answer(200, self.server.alerts.wrappers[name].report.as_json())
            case ["alerts", name, "log"] if self.server.trusted and name in self.server.alerts.wrappers:
                self._log(name, follow="follow" in parse_qs(url.query))
            case _:
                self._answer(404, {"detail": f"no such path or alert: {url.path}"})

    def do_POST(self) -> None:
        match [unquote(part) for part in self.path.strip("/").split("/")]:
            case ["alerts", name, ("restart" | "hold") as order] if self.server.trusted:
                wrapper = self.server.alerts.wrappers.get(name)
                if wrapper is None:
                    self._answer(404, {"detail": f"no such alert: {name}"})
                else:
                    _give(wrapper, order)
                    self._answer(202, wrapper.report.as_json())
            case _:
                self._answer(404, {"detail": f"no such path: {self.path}"})

    def _log(self, name: str, *, follow: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        tail, number = self.server.tails.of(name), 0
        while True:
            number, lines = tail.after(number, 1.0 if follow else 0.0)
            self.wfile.write("".join(line + "\n" for line in lines).encode())
            if not follow or self.server.ending.is_set() or self._gone():
                return

    def _gone(self) -> bool:
        """Whether who follows has left; it says nothing, so there is something to read only when it has."""
        return ready(self.connection.fileno(), select.POLLIN, 0)

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(body), "application/json")

    def _send(self, status: int, text: str, kind: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def address_string(self) -> str:
        return "local"

    def log_message(self, format: str, *args: Any) -> None:
        """Who looks is no news."""


def _give(wrapper: Wrapper, order: str) -> None:
    if order == "hold":
        wrapper.hold()
    else:
        wrapper.restart()


@contextlib.contextmanager
def short_path(path: Path) -> Iterator[str]:
    """The path of a socket, which may have a hundred characters only, by way of its directory's descriptor."""
    if len(os.fsencode(path)) < 100 or not Path("/proc/self/fd").exists():
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
