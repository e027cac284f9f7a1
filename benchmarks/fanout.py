"""Fan-out: one topic to 1,000 followers, beside nginx + nchan on the same machine in the same run.

Ours is the whole way: POST, validation, a commit with fsync, then the push. nchan keeps the message in memory. Both
push frames of the same length. Lock-step: one broadcast at a time. Backlog: eight outstanding. Servers have one core,
the load has the other; turns alternate, and the ratio of the medians counts.

    python -m benchmarks.fanout
"""

from __future__ import annotations

import contextlib
import re
import resource
import select
import shutil
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._broadcasters import LOAD_CORE, NCHAN, PAYLOAD_BYTES, Candidate, follower, nchan, our_notifier, pin

FOLLOWERS = 1_000
TURNS = 5
TURN_SECONDS = 1.0
#: On a busy machine connecting takes longer than measuring: no new turns after this time.
MOST_SECONDS = 35.0
MODES = {"lock-step": 1, "backlog of 8": 8}
#: What we want to reach. A backlog is bounded by the load's one core as much as by the server.
REACH = {"lock-step": 0.8}
CLOSE = 0x88  # the first byte of a close frame


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


if __name__ == "__main__":
    sys.exit(main())
