"""The two servers of the fan-out, and how to speak with each over raw sockets."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAYLOAD_BYTES = 300
SERVER_CORE, LOAD_CORE = 0, 1
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
