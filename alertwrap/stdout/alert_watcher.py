"""AlertWatcher: the thread that reads one run of an alert. stdout becomes commits to the spool, stderr goes to the log.

It reads on while deliveries are in flight. When the spool has no room it stops reading stdout, so that the alert blocks
and nothing is lost; stderr is drained all the same.
"""

from __future__ import annotations

import os
import select
import time
from collections import deque

from alertwrap.process.stderr_log import StderrLog
from alertwrap.run.conversation import Conversation
from alertwrap.run.waker import Waker
from alertwrap.spool.spool import SpoolFull
from alertwrap.stdout.hearing import Ears, Hearing
from alertwrap.stdout.protocol import Event, Framer

_READ = 64 * 1024
#: The largest pipe that an unprivileged process gets.
_PIPE = 1024 * 1024
#: How long a full spool is left alone before the next try, and how long a grandchild may hold the pipe at the end.
_FULL_SECONDS, DRAIN_SECONDS = 1.0, 1.0
_FINISHING_SECONDS = 0.02
_CHECK_ROOM_SECONDS = 10.0
#: Bytes of letters with files at which a commit does not wait for the rest of what was read.
_HEAVY = 8 * 1024 * 1024
#: The part of the spool's quota at which people are told.
NEARLY_FULL = 0.8


class AlertWatcher:
    """`run` is a thread's main. `finish` when the process has ended: it reads what is left and returns."""

    def __init__(self, ears: Ears, conversation: Conversation, stdout: int, stderr: int) -> None:
        self._ears = ears
        self._hearing = Hearing(ears, conversation)
        self._stdout: int | None = stdout
        self._stderr: int | None = stderr
        self._framer = Framer(text=ears.text)
        self._unheard: deque[Event] = deque()
        self._errors = StderrLog(lambda line: ears.log.info(line, source="stderr"))
        self._next_room_check = 0.0
        self._finish_by: float | None = None
        self._abandon = False
        self._waker = Waker()

    @property
    def stderr_tail(self) -> str:
        """The end of what it said on stderr, at most 64 KiB."""
        return self._errors.tail

    def finish(self, *, abandon: bool = False) -> None:
        """The process has ended. `abandon`: do not wait for a full spool either, we must go."""
        self._abandon = abandon
        self._finish_by = time.monotonic() + DRAIN_SECONDS
        self._waker.wake()

    def close(self) -> None:
        """After the thread has ended and `finish` will not be called again."""
        self._waker.close()

    def run(self) -> None:
        """Until both pipes have ended, or `finish` was called and nothing more comes."""
        try:
            while self._stdout is not None or self._stderr is not None or self._hearing.waiting:
                self._turn()
                if self._finished():
                    break
            self._read_rest()
            self._handle(self._framer.end(time.monotonic()))
            self._wait_for_room()
            self._errors.end(time.monotonic())
            self._hearing.end()
            if self._hearing.waiting:
                lines = len(self._hearing.waiting) + len(self._unheard)
                self._ears.log.error("the spool is full: lines were not accepted", lines=lines)
        finally:
            _close(self._stdout)
            _close(self._stderr)

    def _turn(self) -> None:
        ready = self._poll()
        now = time.monotonic()
        if self._stderr in ready:
            self._read_stderr(now)
        if self._hearing.waiting:
            self._handle([])
        elif self._stdout in ready:
            self._read_stdout(now)
        if self._framer.deadline is not None and not self._hearing.waiting:
            self._handle(self._framer.expire(now))

    def _poll(self) -> set[int]:
        wanted = [self._stderr, None if self._hearing.waiting else self._stdout]
        return self._waker.sleep(self._patience(), *((fd, select.POLLIN) for fd in wanted if fd is not None))

    def _patience(self) -> float | None:
        """Seconds until something is due by time alone."""
        if self._finish_by is not None:
            return _FINISHING_SECONDS
        if self._hearing.waiting:
            return _FULL_SECONDS
        return None if self._framer.deadline is None else self._framer.deadline - time.monotonic()

    def _finished(self) -> bool:
        """After the process has ended: all is read, or whoever still holds the pipe had its time."""
        if self._finish_by is None:
            return False
        if self._hearing.waiting:
            return self._abandon and time.monotonic() >= self._finish_by
        return time.monotonic() >= self._finish_by

    def _wait_for_room(self) -> None:
        """Until what was read is accepted, or we must go."""
        while self._hearing.waiting and not (self._abandon and self._finished()):
            self._waker.sleep(_FINISHING_SECONDS if self._abandon else _FULL_SECONDS)
            self._handle([])

    def _read_rest(self) -> None:
        """What stood in the pipe when the alert died is read to the end; no more than a pipe can hold."""
        for _ in range(_PIPE // _READ):
            self._wait_for_room()
            data = self._read(self._stdout) if self._stdout is not None and not self._hearing.waiting else None
            if not data:
                break
            self._handle(self._framer.feed(data, time.monotonic()))

    def _read_stderr(self, now: float) -> None:
        data = self._read(self._stderr)
        if data == b"":
            _close(self._stderr)
            self._stderr = None
        elif data:
            self._errors.feed(data, now)

    def _read_stdout(self, now: float) -> None:
        data = self._read(self._stdout)
        if data == b"":
            _close(self._stdout)
            self._stdout = None
        elif data:
            self._handle(self._framer.feed(data, now))

    def _read(self, fd: int | None) -> bytes | None:
        assert fd is not None
        try:
            data = os.read(fd, _READ)
        except BlockingIOError:
            return None
        if data and fd == self._stdout:
            self._ears.health.heard()
        self._ears.tap("out" if fd == self._stdout else "err", data)
        return data

    def _handle(self, events: list[Event]) -> None:
        """Hear and commit, in order. What comes behind a commit for which there is no room stays unheard."""
        self._unheard.extend(events)
        while self._unheard or self._hearing.waiting:
            while self._unheard and self._hearing.weight < _HEAVY:
                self._hearing.hear(self._unheard.popleft())
            if self._hearing.waiting and not self._commit():
                break

    def _commit(self) -> bool:
        """Whether there was room."""
        try:
            accepted = self._ears.spool.append(self._hearing.waiting)
        except SpoolFull as error:
            self._ears.operational.say(
                "stopped_reading",
                f"{self._ears.alert}: the spool is full, its output is not read",
                f"{error}. The alert waits; nothing is lost. It goes on when there is room.",
                severity="error",
            )
            return False
        self._ears.operational.over("stopped_reading", f"{self._ears.alert}: there is room, its output is read again")
        self._hearing.accepted(accepted)
        self._ears.accepted()
        for name in accepted.conflicts:
            self._ears.operational.say(
                "id_conflict", f"{self._ears.alert} used one id for two notices", f"Both were forwarded. Id: `{name}`"
            )
        self._check_room()
        return True

    def _check_room(self) -> None:
        if time.monotonic() < self._next_room_check:
            return
        self._next_room_check = time.monotonic() + _CHECK_ROOM_SECONDS
        used = self._ears.spool.used()
        if used >= NEARLY_FULL:
            title = f"{self._ears.alert}: the spool is {used:.0%} full"
            self._ears.operational.say("spool_80", title, "The notice center does not take what is waiting here.")


def _close(fd: int | None) -> None:
    if fd is not None:
        os.close(fd)
