"""The wrapper: start, memory, and lines a second from a flooding program to accepted in the spool.

Beside it, in the same run: a bare loop that only reads the lines, and a bare loop that only inserts them into SQLite.
`python benchmarks/wrapper.py [LINES]`
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
from pathlib import Path

from alertwrap.alert_watcher import AlertWatcher, Ears
from alertwrap.log import Log
from alertwrap.operational import Operational
from alertwrap.spool import Spool

ROOT = Path(__file__).parent.parent
ROUNDS = 3
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
BATCH = 600  # lines in 64 KiB


def build_flood(directory: Path) -> list[str]:
    """The flooding program: C where there is a compiler, else Python."""
    source = directory / ("flood.c" if shutil.which("gcc") else "flood.py")
    source.write_text(FLOOD_C if source.suffix == ".c" else FLOOD_PY)
    if source.suffix == ".py":
        return [sys.executable, str(source)]
    subprocess.run(["gcc", "-O2", "-o", directory / "flood", source], check=True)
    return [str(directory / "flood")]


def bare_reader(flood: list[str], lines: int) -> float:
    """Seconds to read the lines and do nothing with them."""
    began = time.perf_counter()
    with subprocess.Popen([*flood, str(lines)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        count = sum(1 for _ in process.stdout)
    assert count == lines
    return time.perf_counter() - began


def bare_sqlite(flood: list[str], lines: int, directory: Path) -> float:
    """Seconds to insert the lines as they are, with fsync, in transactions as large as ours."""
    db = sqlite3.connect(directory / f"bare-{random.random()}.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE pending (seq INTEGER PRIMARY KEY, body TEXT)")
    rows = subprocess.run([*flood, str(lines)], stdout=subprocess.PIPE, check=True).stdout.splitlines()
    began = time.perf_counter()
    for start in range(0, lines, BATCH):
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO pending (body) VALUES (?)", [(row,) for row in rows[start : start + BATCH]])
        db.execute("COMMIT")
    db.close()
    return time.perf_counter() - began


def wrapper(flood: list[str], lines: int, directory: Path) -> float:
    """Seconds until every line is accepted: framed, checked as a notice, committed with fsync."""
    spool = Spool(directory / f"spool-{random.random()}" / "bench.db")
    log = Log(level="error")
    operational = Operational("bench", spool, log, lambda: None, time.monotonic)
    process = subprocess.Popen([*flood, str(lines)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    ends = [os.dup(pipe.fileno()) for pipe in (process.stdout, process.stderr)]
    for end in ends:
        os.set_blocking(end, False)
    ears = Ears("bench", False, spool, log, operational, lambda: None, lambda: None)
    watcher = AlertWatcher(ears, *ends)
    began = time.perf_counter()
    thread = threading.Thread(target=watcher.run)
    thread.start()
    process.wait()
    thread.join()
    seconds = time.perf_counter() - began
    assert spool.pending_count == lines, spool.pending_count
    spool.close()
    return seconds


def start_and_memory(directory: Path) -> tuple[float, float]:
    """Seconds from exec to the alert's first line, and MB resident once it has run for two seconds."""
    sys.path.insert(0, str(ROOT))
    from tests.fakes.server import TOKEN, fake_server

    alert = directory / "one.toml"
    alert.write_text('name = "one"\ncommand = ["bash", "-c", "echo {}; cat >/dev/null"]\n'.replace("{}", _SAID))
    with fake_server() as server:
        environ = {**os.environ, "ALERTWRAP_SERVER": server.url, "ALERTWRAP_TOKEN": TOKEN}
        command = [sys.executable, "-m", "alertwrap", "run", "--data", str(directory / "data"), str(alert)]
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL, cwd=ROOT)
        server.wait(lambda: server.of("one"))
        seconds = time.perf_counter() - began
        time.sleep(2)
        status = Path(f"/proc/{process.pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        process.terminate()
        process.wait()
    return seconds, resident / 1024


_SAID = "'" + json.dumps({"title": "started"}).replace('"', '\\"') + "'"


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        flood = build_flood(directory)
        starts = [start_and_memory(directory) for _ in range(ROUNDS)]
        print(f"start to first notice at the server  {statistics.median(s for s, _ in starts):8.2f} s")
        print(f"resident memory, one alert           {statistics.median(m for _, m in starts):8.1f} MB")
        rates: dict[str, list[float]] = {"reader": [], "sqlite": [], "wrapper": []}
        for _ in range(ROUNDS):
            rates["reader"].append(lines / bare_reader(flood, lines))
            rates["sqlite"].append(lines / bare_sqlite(flood, lines, directory))
            rates["wrapper"].append(lines / wrapper(flood, lines, directory))
        median = {what: statistics.median(found) for what, found in rates.items()}
        print(f"bare reader loop                     {median['reader']:10,.0f} lines/s")
        print(f"bare SQLite loop (FULL, {BATCH} a commit) {median['sqlite']:10,.0f} lines/s")
        print(f"wrapper, line to accepted            {median['wrapper']:10,.0f} lines/s")
        print(f"ratio to the bare reader             {median['wrapper'] / median['reader']:10.2f}")
        print(f"ratio to bare SQLite                 {median['wrapper'] / median['sqlite']:10.2f}")
        both = 1 / (1 / median["reader"] + 1 / median["sqlite"])
        print(f"ratio to reader and SQLite together  {median['wrapper'] / both:10.2f}")


if __name__ == "__main__":
    main()
