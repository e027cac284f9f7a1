"""What a wrapper needs of a server: it takes notices, idempotent by id, and is followed over a websocket.

Strict where the real one is, and obedient where it cannot be: `script` makes it answer badly.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import queue
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "aw_test_token_of_the_fake_server"
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True)
class Bad:
    """One bad answer. `store`: the notices are stored all the same; `cut`: the connection ends without an answer."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    store: bool = False
    cut: bool = False
    delay: float = 0.0


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock = threading.Lock()
        self.arrived = threading.Condition(self.lock)
        self.notices: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []
        self.repeats = 0
        self.posts: list[tuple[int, int]] = []
        self.script: deque[Bad] = deque()
        self.reject: Callable[[dict[str, Any]], str | None] = lambda _: None
        self.messages: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.topics: dict[str, dict[str, Any]] = {}
        self.alerts: dict[str, dict[str, Any]] = {}
        self.offset = 0
        self._followers: dict[queue.Queue[dict[str, Any] | None], set[str]] = {}

    def put(self, topic: str, key: str, data: dict[str, Any] | None) -> None:
        """Change an entity; no data deletes it. Followers hear of it."""
        with self.lock:
            self.offset += 1
            entities = self.topics.setdefault(topic, {})
            entities.pop(key, None) if data is None else entities.update({key: data})
            action = "deleted" if data is None else "updated"
            event = {"type": "event", "topic": topic, "key": key, "action": action, "data": data}
            for waiting, topics in self._followers.items():
                if topic in topics:
                    waiting.put({**event, "cursor": f"e:{self.offset}"})

    def put_config(self, key: str, alert: str, revision: int = 1, **metric: Any) -> None:
        self.put("config", key, {"id": key, "name": alert, "metric": metric, "enabled": True, "revision": revision})

    def cut_followers(self) -> None:
        """End every websocket."""
        with self.lock:
            for waiting in self._followers:
                waiting.put(None)

    def of(self, alert: str) -> list[dict[str, Any]]:
        """The stored notices of one alert, in the order of arrival."""
        with self.lock:
            return [self.notices[name] for name in self.order if self.notices[name]["alert"] == alert]

    def wait(self, condition: Callable[[], object], deadline: float = 40.0) -> None:
        """Until the condition holds; fails with what has arrived when it does not in time."""
        until = time.monotonic() + deadline
        while not condition():
            if time.monotonic() > until:
                titles = [notice.get("title") for notice in list(self.notices.values())[-20:]]
                raise AssertionError(f"not in {deadline} s; posts {self.posts[-10:]}, notices {titles}")
            with self.arrived:
                self.arrived.wait(0.02)

    def take(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Store what is good; per-item results."""
        return [self._take_one(line) for line in lines]

    def _take_one(self, notice: dict[str, Any]) -> dict[str, Any]:
        reason = self.reject(notice)
        name = notice["id"]
        if reason:
            return {"id": name, "status": "rejected", "errors": [{"path": "", "message": reason}]}
        with self.lock:
            known = self.notices.get(name)
            if known is not None:
                self.repeats += 1
                return {"id": name, "status": "duplicate" if known == notice else "conflict"}
            self.notices[name] = notice
            self.order.append(name)
        return {"id": name, "status": "accepted"}

    def follow(self, waiting: queue.Queue[dict[str, Any] | None], topic: str) -> None:
        with self.lock:
            self._followers.setdefault(waiting, set()).add(topic)
            items = [{"key": key, "data": data} for key, data in self.topics.get(topic, {}).items()]
            snapshot = {"type": "snapshot", "topic": topic, "items": items, "more": False}
            waiting.put({**snapshot, "cursor": f"e:{self.offset}"})

    def leave(self, waiting: queue.Queue[dict[str, Any] | None]) -> None:
        with self.lock:
            self._followers.pop(waiting, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients are killed in these tests; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Authorization"] == f"Bearer {TOKEN}", self.headers["Authorization"]
        if self.path in ("/api/v1/messages", "/api/v1/events"):
            self._take_elsewhere([json.loads(line) for line in body.split(b"\n")])
            return
        assert self.path == "/api/v1/notices", self.path
        bad = self.server.script.popleft() if self.server.script else None
        lines = [json.loads(line) for line in body.split(b"\n")]
        results = self.server.take(lines) if bad is None or bad.store else []
        if bad is not None:
            time.sleep(bad.delay)
        status = bad.status if bad else 202 if all(r["status"] in ("accepted", "duplicate") for r in results) else 207
        with self.server.arrived:
            self.server.posts.append((len(lines), status))
            self.server.arrived.notify_all()
        if bad is not None and bad.cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._answer(status, {"results": results} if bad is None else {"detail": "as told"}, bad.headers if bad else {})

    def _take_elsewhere(self, lines: list[dict[str, Any]]) -> None:
        """Messages and events: kept, once for each id."""
        kept = self.server.messages if self.path.endswith("messages") else self.server.events
        with self.server.lock:
            known = {one["id"] for one in kept if "id" in one}
            kept.extend(line for line in lines if line.get("id") not in known)
        self._answer(202, {"results": [{"id": line.get("id"), "status": "accepted"} for line in lines]}, {})

    def do_PUT(self) -> None:
        """A known alert; the rest of the configurator is not here."""
        known = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/json"
        with self.server.lock:
            self.server.alerts[self.path.removeprefix("/api/v1/alerts/")] = known
        self._answer(201, known, {})

    def do_GET(self) -> None:
        known = self.server.alerts.get(self.path.removeprefix("/api/v1/alerts/"))
        if known is not None:
            self._answer(200, known, {})
            return
        if self.path != "/api/v1/follow" or self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(404, {"detail": "no such path"}, {})
            return
        accept = base64.b64encode(hashlib.sha1((self.headers["Sec-WebSocket-Key"] + _MAGIC).encode()).digest())
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade")):
            self.send_header(name, value)
        self.send_header("Sec-WebSocket-Accept", accept.decode())
        self.end_headers()
        self.close_connection = True
        waiting: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._listen, args=(waiting,), daemon=True).start()
        with contextlib.suppress(OSError):
            while (frame := waiting.get()) is not None:
                text = json.dumps(frame).encode()
                self.connection.sendall(b"\x81" + _length(len(text)) + text)
        self.server.leave(waiting)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)  # or the listening thread would keep it open

    def _listen(self, waiting: queue.Queue[dict[str, Any] | None]) -> None:
        with contextlib.suppress(OSError, EOFError, ValueError):
            for text in self._frames():
                frame = json.loads(text)
                if frame["type"] == "subscribe":
                    self.server.follow(waiting, frame["topic"])
                elif frame["type"] == "ping":
                    waiting.put({"type": "pong"})
        waiting.put(None)

    def _frames(self) -> Iterator[bytes]:
        while True:
            head = self._exactly(2)
            size = head[1] & 0x7F
            if size == 126:
                size = struct.unpack("!H", self._exactly(2))[0]
            mask, data = self._exactly(4), self._exactly(size)
            if head[0] & 0xF == 8:
                return
            yield bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))

    def _exactly(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _length(size: int) -> bytes:
    if size < 126:
        return bytes([size])
    return b"\x7e" + struct.pack("!H", size) if size < 65536 else b"\x7f" + struct.pack("!Q", size)


@contextlib.contextmanager
def fake_server(port: int = 0) -> Iterator[FakeServer]:
    """A server that answers inside the block."""
    server = FakeServer(port)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.cut_followers()
        server.shutdown()
        server.server_close()
