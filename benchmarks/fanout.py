"""Fan-out: one topic to 1,000 followers, beside nginx + nchan on the same machine in the same run.

Ours is the whole way: POST, validation, a commit with fsync, then the push. nchan keeps the message in memory. Both
push frames of the same length. Lock-step: one broadcast at a time. Backlog: eight outstanding. Servers have one core,
the load has the other; turns alternate, and the ratio of the medians counts.

    python -m benchmarks.fanout
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLLOWERS = 1_000
PAYLOAD_BYTES = 300
SERVER_CORE, LOAD_CORE = 0, 1
TURNS = 5
TURN_SECONDS = 1.0
#: On a busy machine connecting takes longer than measuring: no new turns after this time.
MOST_SECONDS = 35.0
MODES = {"lock-step": 1, "backlog of 8": 8}
#: What we want to reach. A backlog is bounded by the load's one core as much as by the server.
REACH = {"lock-step": 0.8}
CLOSE = 0x88  # the first byte of a close frame
TOKEN = "benchmark-of-the-fan-out"
NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so"


@dataclass(frozen=True)
class Candidate:
    """One server: how to become its follower, and the request that broadcasts one message of PAYLOAD_BYTES."""

    name: str
    port: int
    follow: bytes
    subscribe: bytes
    publish: bytes


def main() -> int:
    """Prints the medians of the turns and the ratios."""
    if not (shutil.which("nginx") and Path(NCHAN).exists()):
        print("skipped: needs nginx with nchan (apt install nginx libnginx-mod-nchan)")
        return 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        ours = stack.enter_context(our_notifier(Path(directory)))
        theirs = stack.enter_context(nchan(Path(directory)))
        pin(LOAD_CORE)
        report(measure(ours, theirs))
    return 0


def measure(*candidates: Candidate) -> dict[tuple[str, str], float]:
    """Broadcasts a second, by candidate and mode: medians of alternating turns."""
    rates: dict[tuple[str, str], list[float]] = {}
    deadline = time.monotonic() + MOST_SECONDS
    for turn in range(TURNS):
        if turn > 1 and time.monotonic() > deadline:
            break
        for mode, outstanding in MODES.items():
            for candidate in candidates if turn % 2 else reversed(candidates):
                rates.setdefault((candidate.name, mode), []).append(one_turn(candidate, outstanding))
    return {key: statistics.median(values) for key, values in rates.items()}


def report(rates: dict[tuple[str, str], float]) -> None:
    for mode in MODES:
        ours, theirs = rates["notifier", mode], rates["nchan", mode]
        ratio = ours / theirs
        print(
            f"fan-out to {FOLLOWERS}, {mode}: notifier {ours * FOLLOWERS / 1000:.0f}k/s, nchan"
            f" {theirs * FOLLOWERS / 1000:.0f}k/s, ratio {ratio:.2f}"
            + (f" (reach {REACH[mode]})" if mode in REACH else "")
        )


def one_turn(candidate: Candidate, outstanding: int) -> float:
    """Broadcasts a second over one turn, each received by all followers, which connect anew for it."""
    followers = [follower(candidate) for _ in range(FOLLOWERS)]
    publishers = [socket.create_connection(("127.0.0.1", candidate.port)) for _ in range(outstanding)]
    try:
        return Load(candidate, followers, publishers).run()
    finally:
        for one in (*followers, *publishers):
            one.close()


class Load:
    """Counts bytes on raw sockets by epoll: cheap enough that the servers are what is measured."""

    def __init__(self, candidate: Candidate, followers: list[socket.socket], publishers: list[socket.socket]) -> None:
        self._candidate = candidate
        self._epoll = select.epoll()
        self._followers = {one.fileno(): one for one in followers}
        self._publishers = {one.fileno(): one for one in publishers}
        self._free = list(publishers)
        self._answers = dict.fromkeys(self._publishers, b"")
        for one in (*followers, *publishers):
            one.setblocking(False)
            self._epoll.register(one, select.EPOLLIN)
        self._received = 0
        self._buffer = bytearray(65536)
        self._broadcast_bytes = FOLLOWERS * (4 + PAYLOAD_BYTES)

    def run(self) -> float:
        published, warm_up = 0, 20
        started, start_count = 0.0, 0
        outstanding = len(self._publishers)
        while True:
            done = self._received // self._broadcast_bytes
            if done >= warm_up and not started:
                started, start_count = time.perf_counter(), done
            if started and time.perf_counter() - started > TURN_SECONDS:
                break
            while published - done < outstanding and self._free:
                self._free.pop().sendall(self._candidate.publish)
                published += 1
            self._take()
        rate = (done - start_count) / (time.perf_counter() - started)
        while self._received < published * self._broadcast_bytes:
            self._take()
        return rate

    def _take(self) -> None:
        events = self._awake()
        followers, buffer = self._followers, self._buffer
        for number, _ in events:
            if number in followers:
                size = followers[number].recv_into(buffer)
                if not size or buffer[0] == CLOSE:
                    raise ConnectionError(f"{self._candidate.name} closed a follower: {bytes(buffer[:size])!r}")
                self._received += size
            else:
                self._answer(number)

    def _awake(self) -> list[tuple[int, int]]:
        """What is ready, asked without sleeping: to wake a sleeping core would cost the server more than a write."""
        deadline = time.monotonic() + 10
        while not (events := self._epoll.poll(0)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._candidate.name}: a broadcast did not arrive")
        return events

    def _answer(self, number: int) -> None:
        answer = self._answers[number] + self._publishers[number].recv(65536)
        head, complete, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if complete and length and len(body) >= int(length[1]):
            assert head.split(b" ")[1].startswith(b"2"), head
            self._free.append(self._publishers[number])
            answer = b""
        self._answers[number] = answer


def follower(candidate: Candidate) -> socket.socket:
    """A websocket that has been told all there was before."""
    connection = socket.create_connection(("127.0.0.1", candidate.port))
    connection.sendall(candidate.follow)
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    assert b" 101 " in head.split(b"\r\n")[0], head
    if candidate.subscribe:
        connection.sendall(candidate.subscribe)
        while b'"more":false' not in head:
            head += (data := connection.recv(65536))
            assert data, head
    return connection


def upgrade(path: str, *headers: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", *headers,
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode()


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def masked(text: str) -> bytes:
    """A client's text frame with the mask 0, which changes nothing."""
    assert len(text) < 126
    return bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text.encode()


@contextlib.contextmanager
def our_notifier(directory: Path) -> Iterator[Candidate]:
    bearer = f"Authorization: Bearer {TOKEN}"
    command = [sys.executable, "-m", "notifier", "serve", "--port", "0", "--data", str(directory)]
    environ = {**os.environ, "ALERTWRAP_TOKEN": TOKEN}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environ) as process:
        try:
            pin(SERVER_CORE, process.pid)
            assert process.stderr is not None
            port = next(int(found[1]) for line in process.stderr if (found := re.search(rb"127\.0\.0\.1:(\d+)", line)))
            widen_offsets(port, bearer)
            event = {"topic": "bench", "key": "k", "data": {"text": ""}}
            event["data"] = {"text": "x" * (PAYLOAD_BYTES - frame_length(port, bearer, event))}
            yield Candidate(
                "notifier",
                port,
                upgrade("/api/v1/follow", bearer),
                masked('{"type":"subscribe","topic":"bench"}'),
                post("/api/v1/events", json.dumps(event).encode(), bearer, "Content-Type: application/json"),
            )
        finally:
            process.terminate()


def widen_offsets(port: int, bearer: str) -> None:
    """A hundred thousand events first: from there on every cursor has six digits, so that all frames are as long."""
    lines = b"\n".join([b'{"topic":"before","key":"k"}'] * 10_000)
    for _ in range(10):
        exchange(port, post("/api/v1/events", lines, bearer, "Content-Type: application/x-ndjson"))


def frame_length(port: int, bearer: str, event: dict[str, object]) -> int:
    """Bytes of the payload that tells of `event`."""
    connection = follower(
        Candidate("", port, upgrade("/api/v1/follow", bearer), masked('{"type":"subscribe","topic":"bench"}'), b"")
    )
    exchange(port, post("/api/v1/events", json.dumps(event).encode(), bearer))
    frame = connection.recv(4096)
    connection.close()
    return int.from_bytes(frame[2:4]) if frame[1] == 126 else frame[1]


def exchange(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request.replace(b"Host:", b"Connection: close\r\nHost:", 1))
        answer = b""
        while data := connection.recv(65536):
            answer += data
    assert answer.split(b" ", 2)[1].startswith(b"2"), answer[:500]
    return answer


@contextlib.contextmanager
def nchan(directory: Path) -> Iterator[Candidate]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = directory / "nginx.conf"
    file.write_text(f"""
        load_module {NCHAN};
        daemon off; worker_processes 1; worker_cpu_affinity 01; worker_rlimit_nofile 8192;
        pid {directory}/nginx.pid; error_log stderr error;
        events {{ worker_connections 8192; }}
        http {{
            access_log off; keepalive_requests 10000000;
            client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/f;
            uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
            server {{
                listen 127.0.0.1:{port} backlog=2048;
                location = /publish {{ nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 100; }}
                location = /follow {{
                    nchan_subscriber websocket; nchan_channel_id bench; nchan_subscriber_first_message newest;
                }}
            }}
        }}""")
    with subprocess.Popen(["nginx", "-p", str(directory), "-c", str(file)]) as process:
        try:
            pin(SERVER_CORE, process.pid)
            wait_for(port)
            yield Candidate("nchan", port, upgrade("/follow"), b"", post("/publish", b"x" * PAYLOAD_BYTES))
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise TimeoutError("nginx did not start")


def pin(core: int, process: int = 0) -> None:
    """Keep a process, by default this one, on a core, if there is such a one."""
    if core < (os.cpu_count() or 1):
        os.sched_setaffinity(process, {core})


if __name__ == "__main__":
    sys.exit(main())
