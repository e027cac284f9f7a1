"""Durable intake of notices beside Debian's prometheus-alertmanager, in turns, on this machine, in this run.

Alertmanager keeps alerts in memory. Ours is a real `notice-center serve` on SQLite (WAL, synchronous=FULL): every
notice is committed with fsync before it is answered. Both get what `wrk` sends, over the same number of connections;
every notice is another one, its id growing with time as ours do. The load has one core, the server under test the
other: what is compared is work for a notice, not how many cores a server can keep busy. Each round starts both empty.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

SERVER_CORE, LOAD_CORE = 0, 1
TURN_SECONDS = 2
ROUNDS = 3
SINGLE_CONNECTIONS = 64
#: A batch keeps a server busy by itself; 64 of them would only wait.
BATCH_CONNECTIONS = 8
#: How long we watch the stored notices being worked through.
DRAIN_SECONDS = 8
_TOKEN = "benchmark-bootstrap-token-0123456789"
_START_SECONDS = 20
_POSTGRES = os.environ.get("ALERTWRAP_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/postgres")

_SCRIPT = r"""
local size, peer = tonumber(os.getenv("SIZE")), os.getenv("PEER")
local count, base = 0, os.getenv("BASE")
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")

local alert = '{"labels":{"alertname":"disk-space","severity":"warning","host":"db1","key":"%s-%d"},' ..
  '"annotations":{"summary":"Disk /var/log on db1 is 91 %% full","description":"%s"}}'
local notice = '{"id":"%s-%012d","alert":"disk-space","severity":"warning","labels":{"host":"db1"},' ..
  '"recipients":["u1"],"title":"Disk /var/log on db1 is 91 %% full","message":"%s"}'
local text = string.rep("lorem ipsum ", 10)
local line = peer == "alertmanager" and alert or notice
wrk.headers["Content-Type"] =
  (peer == "alertmanager" or size == 1) and "application/json" or "application/x-ndjson"

function request()
  local lines = {}
  for i = 1, size do
    count = count + 1
    lines[i] = string.format(line, base, count, text)
  end
  local body
  if peer == "alertmanager" then
    body = "[" .. table.concat(lines, ",") .. "]"
  else
    body = table.concat(lines, "\n")
  end
  return wrk.format(nil, nil, nil, body)
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %f\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Server:
    """Where it listens and which of its ways we take. `peer` is what the load script calls it."""

    name: str
    url: str
    peer: str
    pid: int


def main() -> int:
    needed = [tool for tool in ("wrk", "prometheus-alertmanager", "taskset") if not shutil.which(tool)]
    if needed:
        print(f"skipped: needs {' and '.join(needed)} (apt install wrk prometheus-alertmanager)")
        return 0
    measured: dict[tuple[str, int], list[float]] = {}
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as directory:
            measure(Path(directory), number, measured)
    report(measured)
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        here = prepared(Path(directory))
        ours = stack.enter_context(notice_center(here))
        turn(here, ours, 1000, "drain")
        drain(stack, here, ours)
        beside(here, ours)
    with tempfile.TemporaryDirectory() as directory:
        on_postgres(Path(directory))
    return 0


def prepared(here: Path) -> Path:
    (here / "load.lua").write_text(_SCRIPT)
    return here


def measure(here: Path, number: int, measured: dict[tuple[str, int], list[float]]) -> None:
    """One round: both servers start empty; each size in turn, the order turned around every second time."""
    prepared(here)
    with alertmanager(here) as peer, notice_center(here) as ours:
        turns = [(server, size) for size in (1, 100, 1000) for server in (peer, ours)]
        for server, size in turns if number % 2 == 0 else turns[::-1]:
            measured.setdefault((server.peer, size), []).append(turn(here, server, size, f"{number}-{size}"))


def turn(here: Path, server: Server, size: int, base: str) -> float:
    """One turn of load; raises when a request was refused."""
    connections = SINGLE_CONNECTIONS if size == 1 else BATCH_CONNECTIONS
    command = ["wrk", "-t1", f"-c{connections}", f"-d{TURN_SECONDS}s", "-s", str(here / "load.lua"), server.url]
    environment = {**os.environ, "SIZE": str(size), "PEER": server.peer, "BASE": base, "TOKEN": _TOKEN}
    pinned = ["taskset", "-c", str(LOAD_CORE), *command]
    output = subprocess.run(pinned, env=environment, capture_output=True, text=True, check=True).stdout
    result = next(line for line in output.splitlines() if line.startswith("RESULT "))
    requests, micros, errors, _ = (float(word) for word in result.split()[1:])
    if errors:
        raise RuntimeError(f"{server.name}: {errors:.0f} of {requests:.0f} requests failed")
    return requests * size / (micros / 1e6)


def report(measured: dict[tuple[str, int], list[float]]) -> None:
    middle = {key: statistics.median(values) for key, values in measured.items()}
    best = max(rate for (peer, _), rate in middle.items() if peer == "alertmanager")
    print(f"{'notices a POST':<16}{'alertmanager':>16}{'notice center':>16}")
    for size in (1, 100, 1000):
        print(f"{size:<16}{middle['alertmanager', size]:>14.0f}/s{middle['ours', size]:>14.0f}/s")
    single = middle["ours", 1] / middle["alertmanager", 1]
    batch = middle["ours", 1000] / best
    print(f"single          {single:.2f} × alertmanager's single        (reach 0.8)")
    print(f"NDJSON of 1,000 {batch:.2f} × alertmanager's best batch    (reach 2.5)")


def drain(stack: ExitStack, here: Path, ours: Server) -> None:
    """What was stored has then to be worked through: start the notifier it waits for, and watch."""
    stack.enter_context(notifier(here, os.environ["BENCH_NOTIFIER_PORT"]))
    deadline = time.monotonic() + _START_SECONDS
    before = start = backlog(ours)
    while start == before and time.monotonic() < deadline:
        time.sleep(0.01)
        start = backlog(ours)
    began, busy = time.monotonic(), processor_seconds(ours.pid)
    left = start
    while left and time.monotonic() - began < DRAIN_SECONDS:
        time.sleep(0.1)
        left = backlog(ours)
    took, worked = time.monotonic() - began, processor_seconds(ours.pid) - busy
    wall, own = (start - left) / took, (start - left) / worked
    print(f"afterwards      {wall:.0f}/s worked through into inboxes, the outbox beside ({before:.0f} were waiting)")
    print(f"                {own:.0f} for a second of processor time                  (reach 15000)")


def beside(here: Path, ours: Server) -> None:
    """The same load once more, now that what was stored is worked through beside."""
    rates = {size: turn(here, ours, size, f"beside-{size}") for size in (1, 1000)}
    print(f"while folding   {rates[1]:.0f}/s single, {rates[1000]:.0f}/s in NDJSON of 1,000")


def on_postgres(here: Path) -> None:
    """The same intake on PostgreSQL, where one answers. Its processes take the core they like, so there is no ratio."""
    try:
        server = psycopg.connect(_POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        print(f"on PostgreSQL   skipped: none at ALERTWRAP_TEST_POSTGRES={_POSTGRES}")
        return
    name = f"alertwrap_bench_{os.getpid()}"
    with closing(server):
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            with notice_center(prepared(here), f"{_POSTGRES.rsplit('/', 1)[0]}/{name}") as ours:
                rates = {size: turn(here, ours, size, f"postgres-{size}") for size in (1, 1000)}
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    print(f"on PostgreSQL   {rates[1]:.0f}/s single, {rates[1000]:.0f}/s in NDJSON of 1,000")


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def backlog(ours: Server) -> float:
    request = urllib.request.Request(ours.url.replace("/api/v1/notices", "/metrics"))
    request.add_header("Authorization", f"Bearer {_TOKEN}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("alertwrap_notices_backlog "))


@contextmanager
def alertmanager(here: Path) -> Iterator[Server]:
    config = here / "alertmanager.yml"
    config.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    port = free_port()
    command = [
        "prometheus-alertmanager", f"--config.file={config}", f"--storage.path={here / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=error",
    ]  # fmt: skip
    with running(command, {}, f"http://127.0.0.1:{port}/-/ready", here) as pid:
        yield Server("alertmanager", f"http://127.0.0.1:{port}/api/v2/alerts", "alertmanager", pid)


@contextmanager
def notice_center(here: Path, database: str = "") -> Iterator[Server]:
    """As in production, but for the limit on what may wait: nothing is worked through until the notifier is there."""
    port, notifier_port = free_port(), free_port()
    os.environ["BENCH_NOTIFIER_PORT"] = str(notifier_port)
    settings = {
        "ALERTWRAP_TOKEN": _TOKEN, "ALERTWRAP_SERVER": f"http://127.0.0.1:{notifier_port}",
        "ALERTWRAP_NOTICE_CENTER__MAX_BACKLOG": "1000000000",
        **({"ALERTWRAP_NOTICE_CENTER__DATABASE": database} if database else {}),
    }  # fmt: skip
    command = [sys.executable, "-m", "notice_center", "serve", "--data", str(here / "ours"), "--port", str(port)]
    with running(command, settings, f"http://127.0.0.1:{port}/healthz", here) as pid:
        yield Server("notice center", f"http://127.0.0.1:{port}/api/v1/notices", "ours", pid)


@contextmanager
def notifier(here: Path, port: str) -> Iterator[None]:
    """On the core of the load: it is not what is measured."""
    command = [sys.executable, "-m", "notifier", "serve", "--data", str(here / "notifier"), "--port", port]
    with running(command, {"ALERTWRAP_TOKEN": _TOKEN}, f"http://127.0.0.1:{port}/healthz", here, LOAD_CORE):
        yield


@contextmanager
def running(
    command: list[str], settings: dict[str, str], ready: str, here: Path, core: int = SERVER_CORE
) -> Iterator[int]:
    """The pid of a process that answers `ready` inside the block, and is ended after it."""
    with (here / "log").open("ab") as log:
        pinned = ["taskset", "-c", str(core), *command]
        process = subprocess.Popen(pinned, env={**os.environ, **settings}, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(ready):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not start:\n{(here / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
