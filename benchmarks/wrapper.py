"""The wrapper: from a flooding program's lines to accepted in the spool, and to stored in the notice center.

Beside it, in the same run, the limit: the same pipe read by a bare loop that calls `json.loads` on each line, and the
same bytes into SQLite by a bare loop, with fsync, in transactions of the same size. Processor time counts as well as
the clock: on a machine that others use only the former can be compared. Then start, imports, the memory of many alerts.
`python -m benchmarks.wrapper [LINES]`
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alertwrap.log import Log
from alertwrap.run.conversation import Conversation
from alertwrap.run.operational import Operational
from alertwrap.spool.spool import Spool
from alertwrap.status.control_client import Control
from alertwrap.status.health import Health
from alertwrap.stdout.alert_watcher import AlertWatcher
from alertwrap.stdout.hearing import Ears
from benchmarks.ingest import processor_seconds
from tests.fakes.server import TOKEN, FakeServer, fake_server

ROOT = Path(__file__).parent.parent
ROUNDS = 3
MANY = 200
FLOOD_C = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    long lines = atol(argv[1]);
    for (long n = 0; n < lines; n++)
        printf("{\"key\":\"disk:/%ld\",\"title\":\"Disk /%ld is %ld %% full\",\"severity\":\"warning\"}\n",
               n % 1000, n % 1000, n % 100);
    return 0;
}
"""
FLOOD_PY = r"""
import sys
for n in range(int(sys.argv[1])):
    line = '{"key":"disk:/%d","title":"Disk /%d is %d %% full","severity":"warning"}'
    print(line % (n % 1000, n % 1000, n % 100))
"""
#: Lines in 64 KiB, which is what the wrapper reads and commits at once.
BATCH = 800


@dataclass
class Cost:
    """Seconds by the clock, and of this process's processor time, for one line."""

    clock: float
    processor: float


def build_flood(directory: Path) -> list[str]:
    """The flooding program: C where there is a compiler, else Python."""
    source = directory / ("flood.c" if shutil.which("gcc") else "flood.py")
    source.write_text(FLOOD_C if source.suffix == ".c" else FLOOD_PY)
    if source.suffix == ".py":
        return [sys.executable, str(source)]
    subprocess.run(["gcc", "-O2", "-o", directory / "flood", source], check=True)
    return [str(directory / "flood")]


def measured(lines: int, work: Callable[[], None]) -> Cost:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Cost((time.perf_counter() - clock) / lines, (time.process_time() - processor) / lines)


def bare_reader(flood: list[str], lines: int) -> None:
    """Read the pipe and parse each line; do nothing with it."""
    with subprocess.Popen([*flood, str(lines)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert sum(1 for line in process.stdout if json.loads(line)) == lines


def bare_sqlite(rows: list[bytes], directory: Path) -> None:
    """Insert the lines as they are."""
    db = sqlite3.connect(directory / f"bare-{random.random()}.db", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE pending (seq INTEGER PRIMARY KEY, body TEXT)")
    for start in range(0, len(rows), BATCH):
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO pending (body) VALUES (?)", [(row,) for row in rows[start : start + BATCH]])
        db.execute("COMMIT")
    db.close()


def wrapper(flood: list[str], lines: int, directory: Path) -> None:
    """Until every line is accepted: framed, parsed, checked as a notice, committed with fsync."""
    spool = Spool(directory / f"spool-{random.random()}" / "bench.db")
    log = Log(level="error")
    operational = Operational("bench", spool, log, lambda: None, time.monotonic)
    process = subprocess.Popen([*flood, str(lines)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    ends = [os.dup(pipe.fileno()) for pipe in (process.stdout, process.stderr)]
    for end in ends:
        os.set_blocking(end, False)
    ears = Ears(
        "bench", False, spool, log, operational, lambda: None, lambda: None, Health(), lambda _: None
    )  # fmt: skip
    watcher = AlertWatcher(ears, Conversation(lambda _: None, lambda: None), *ends)
    thread = threading.Thread(target=watcher.run)
    thread.start()
    process.wait()
    thread.join()
    assert spool.pending_count == lines, spool.pending_count
    spool.close()


def spool_against_the_limit(flood: list[str], lines: int, directory: Path) -> None:
    costs: dict[str, list[Cost]] = {"reader": [], "sqlite": [], "wrapper": []}
    rows = subprocess.run([*flood, str(lines)], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    for _ in range(ROUNDS):
        costs["reader"].append(measured(lines, lambda: bare_reader(flood, lines)))
        costs["sqlite"].append(measured(lines, lambda: bare_sqlite(rows, directory)))
        costs["wrapper"].append(measured(lines, lambda: wrapper(flood, lines, directory)))
    for kind, of in (("clock", "clock"), ("processor time", "processor")):
        median = {what: statistics.median(getattr(cost, of) for cost in found) for what, found in costs.items()}
        limit = median["reader"] + median["sqlite"]
        print(f"by the {kind}:")
        print(f"  bare reader with json.loads        {1 / median['reader']:10,.0f} lines/s")
        print(f"  bare SQLite (FULL, {BATCH} a commit)    {1 / median['sqlite']:10,.0f} lines/s")
        print(f"  wrapper, line to accepted          {1 / median['wrapper']:10,.0f} lines/s, "
              f"{median['wrapper'] * 1e6:.1f} µs a line")  # fmt: skip
        print(f"  ratio to both together             {limit / median['wrapper']:10.2f}   (0.40 is to be reached)")


@contextmanager
def running(url: str, token: str, data: Path, *files: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`alertwrap run`."""
    environ = {**os.environ, "ALERTWRAP_SERVER": url, "ALERTWRAP_TOKEN": token}
    command = [sys.executable, "-m", "alertwrap", "run", "--data", str(data), *map(str, files)]
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def end_to_end(flood: list[str], lines: int, directory: Path) -> None:
    """A flooding program, `alertwrap run`, `alertwrap up`: until the notice center has confirmed every notice."""
    data = directory / "up"
    token = "benchmark-bootstrap-token-0123456789"
    environ = {**os.environ, "ALERTWRAP_TOKEN": token}
    command = [sys.executable, "-m", "alertwrap", "up", "--no-examples", "--port", "0", "--data", str(data)]
    words = json.dumps([*flood, str(lines)])
    (directory / "flood.toml").write_text(f'name = "flood"\ncommand = {words}\nstdin = "none"\n')
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT) as up:
        until(lambda: (data / "server").exists() and answers((data / "server").read_text().strip()))
        url = (data / "server").read_text().strip()
        began, before = time.perf_counter(), processor_seconds(up.pid)
        with running(url, token, data, directory / "flood.toml") as run:
            until(lambda: stored(data) >= lines, 300)
            seconds = time.perf_counter() - began
            ours, servers = processor_seconds(run.pid), processor_seconds(up.pid) - before
        up.terminate()
    print(f"end to end, line to stored             {lines / seconds:10,.0f} notices/s   (15,000 are to be reached)")
    print(f"  processor time for each              {ours / lines * 1e6:10.1f} µs in the wrapper, "
          f"{servers / lines * 1e6:.1f} µs in the services")  # fmt: skip


def stored(data: Path) -> int:
    """Notices that were accepted and are not on their way any more."""
    return sum(one["notices"] - one["queue"] for one in Control(data).alerts())


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(condition: Callable[[], object], deadline: float = 60.0) -> None:
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def start_and_memory(directory: Path, alerts: int) -> tuple[float, float]:
    """Seconds from exec until every alert's first line is at the server, and MB resident a moment later."""
    files = directory / f"many-{random.random()}" / "alerts.d"
    files.mkdir(parents=True)
    said = json.dumps("""echo '{"title":"started"}'; exec sleep 1000""")
    for number in range(alerts):
        text = f'name = "alert-{number}"\ncommand = ["sh", "-c", {said}]\n'
        (files / f"{number}.toml").write_text(text)
    with fake_server() as server:
        began = time.perf_counter()
        with running(server.url, TOKEN, files.parent / "data", files) as process:
            wait_for(server, alerts)
            seconds = time.perf_counter() - began
            time.sleep(2)
            status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return seconds, resident / 1024


def wait_for(server: FakeServer, alerts: int) -> None:
    server.wait(lambda: len(server.order) >= alerts, deadline=120)


def import_seconds() -> Cost:
    """Of all that `alertwrap run` imports, in a fresh interpreter."""
    program = "import time, sys; import alertwrap.cli.run, alertwrap.host, alertwrap.status.api, notifier.sync_client"
    times = os.times()
    cost = measured(1, lambda: subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT) and None)
    spent = os.times()
    cost.processor = spent.children_user + spent.children_system - times.children_user - times.children_system
    return cost


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        flood = build_flood(directory)
        spool_against_the_limit(flood, lines, directory)
        end_to_end(flood, lines, directory)
        imports = [import_seconds() for _ in range(ROUNDS)]
        print(f"interpreter and imports                {min(one.clock for one in imports):10.2f} s, "
              f"{min(one.processor for one in imports):.2f} s of processor time   (0.50)")  # fmt: skip
        starts = [start_and_memory(directory, 1) for _ in range(ROUNDS)]
        print(f"start to first notice at the server    {min(s for s, _ in starts):10.2f} s")
        one = statistics.median(m for _, m in starts)
        print(f"resident memory, one alert             {one:10.1f} MB")
        seconds, resident = start_and_memory(directory, MANY)
        print(f"start of {MANY} alerts                    {seconds:10.2f} s   (10)")
        print(f"memory for each further alert          {(resident - one) / (MANY - 1):10.2f} MB   (0.50)")


if __name__ == "__main__":
    main()
