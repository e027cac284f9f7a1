"""AlertWatcher: the thread that reads one run of an alert. stdout becomes commits to the spool, stderr goes to the log.

It reads on while deliveries are in flight. When the spool has no room it stops reading stdout, so that the alert blocks
and nothing is lost; stderr is drained all the same.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alertwrap import emission
from alertwrap.entries import Burial, Emission, Entry, StateChange
from alertwrap.json_line import Message
from alertwrap.log import Log
from alertwrap.operational import Operational
from alertwrap.protocol import Event, Framer, Malformed
from alertwrap.spool import Spool, SpoolFull
from alertwrap.stderr_log import Allowance, StderrLog
from alertwrap.waker import Waker

_READ = 64 * 1024
#: The largest pipe that an unprivileged process gets.
_PIPE = 1024 * 1024
#: How long a full spool is left alone before the next try, and how long a grandchild may hold the pipe at the end.
_FULL_SECONDS, DRAIN_SECONDS = 1.0, 1.0
_FINISHING_SECONDS = 0.02
_CHECK_ROOM_SECONDS = 10.0
#: Unreadable lines forwarded one by one; beyond that they are counted and kept as dead letters.
_MALFORMED_A_SECOND, _MALFORMED_BURST = 0.1, 10.0
#: Unknown types that are warned of, once each.
_TYPES_WARNED = 50
#: Types of higher levels of the protocol: understood one day, harmless today.
_LATER = frozenset({
    "reply", "hello", "config_ok", "config_error", "error", "status", "heartbeat", "pong", "metric", "resync", "bye",
})  # fmt: skip


@dataclass(frozen=True)
class Ears:
    """What a watcher works with: names and places that outlive one run."""

    alert: str
    text: bool
    spool: Spool
    log: Log
    operational: Operational
    accepted: Callable[[], None]
    implied_config: Callable[[], str | None]


class AlertWatcher:
    """`run` is a thread's main. `finish` when the process has ended: it reads what is left and returns."""

    def __init__(self, ears: Ears, stdout: int, stderr: int) -> None:
        self._ears = ears
        self._stdout: int | None = stdout
        self._stderr: int | None = stderr
        self._framer = Framer(text=ears.text)
        self._errors = StderrLog(lambda line: ears.log.info(line, source="stderr"))
        self._texts = StderrLog(lambda line: ears.log.warning(line, source="stdout"))
        self._malformed = Allowance(_MALFORMED_A_SECOND, _MALFORMED_BURST)
        self._unknown: set[str] = set()
        self._waiting: list[Entry] = []
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
            while self._stdout is not None or self._stderr is not None or self._waiting:
                self._turn()
                if self._finished():
                    break
            self._read_rest()
            self._handle(self._framer.end(time.monotonic()))
            self._wait_for_room()
            self._errors.end(time.monotonic())
            self._texts.end(time.monotonic())
            if self._waiting:
                self._ears.log.error("the spool is full: lines were not accepted", lines=len(self._waiting))
        finally:
            _close(self._stdout)
            _close(self._stderr)

    def _turn(self) -> None:
        ready = self._poll()
        now = time.monotonic()
        if self._stderr in ready:
            self._read_stderr(now)
        if self._waiting:
            self._commit()
        elif self._stdout in ready:
            self._read_stdout(now)
        if self._framer.deadline is not None and not self._waiting:
            self._handle(self._framer.expire(now))

    def _poll(self) -> set[int]:
        wanted = [self._stderr, None if self._waiting else self._stdout]
        return self._waker.sleep(self._patience(), *((fd, select.POLLIN) for fd in wanted if fd is not None))

    def _patience(self) -> float | None:
        """Seconds until something is due by time alone."""
        if self._finish_by is not None:
            return _FINISHING_SECONDS
        if self._waiting:
            return _FULL_SECONDS
        return None if self._framer.deadline is None else self._framer.deadline - time.monotonic()

    def _finished(self) -> bool:
        """After the process has ended: all is read, or whoever still holds the pipe had its time."""
        if self._finish_by is None:
            return False
        if self._waiting:
            return self._abandon and time.monotonic() >= self._finish_by
        return time.monotonic() >= self._finish_by

    def _wait_for_room(self) -> None:
        """Until what was read is accepted, or we must go."""
        while self._waiting and not (self._abandon and self._finished()):
            self._waker.sleep(_FINISHING_SECONDS if self._abandon else _FULL_SECONDS)
            self._commit()

    def _read_rest(self) -> None:
        """What stood in the pipe when the alert died is read to the end; no more than a pipe can hold."""
        for _ in range(_PIPE // _READ):
            self._wait_for_room()
            data = self._read(self._stdout) if self._stdout is not None and not self._waiting else None
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
            return os.read(fd, _READ)
        except BlockingIOError:
            return None

    def _handle(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Message):
                self._message(event)
            elif isinstance(event, Malformed):
                self._unreadable(event)
            else:
                self._texts.feed(event.text.encode(errors="replace") + b"\n", time.monotonic())
        if self._waiting:
            self._commit()

    def _message(self, message: Message) -> None:
        kind = message.body.get("type") or "notice"
        if kind == "notice":
            self._notice(message)
        elif kind == "state":
            self._state(message.body)
        elif kind == "log":
            self._log(message.body)
        else:
            self._ignore(str(kind)[:100])

    def _ignore(self, kind: str) -> None:
        """Whatever stands in `type` is never an error; it is warned of once."""
        if kind not in self._unknown and len(self._unknown) < _TYPES_WARNED:
            self._unknown.add(kind)
            what = "not supported yet" if kind in _LATER else "unknown"
            self._ears.log.warning("a line of this type is ignored", type=kind, because=what)

    def _notice(self, message: Message) -> None:
        ears = self._ears
        self._waiting.append(emission.emission(message.body, message.flags, ears.alert, ears.implied_config()))

    def _state(self, body: dict[str, Any]) -> None:
        key = body.get("key")
        if "value" not in body and key is None:
            self._ears.log.error("a state line is refused", because="expected a value")
        else:
            self._waiting.append(StateChange(None if key is None else str(key), body.get("value")))

    def _log(self, body: dict[str, Any]) -> None:
        fields = {str(key): value for key, value in body.items() if key not in ("type", "level", "msg")}
        self._ears.log.write(str(body.get("level", "info")), str(body.get("msg", "")), {**fields, "source": "alert"})

    def _unreadable(self, event: Malformed) -> None:
        """Kept whole as a dead letter, and forwarded as a notice: people must hear that something was said."""
        ears = self._ears
        raw = ears.log.masked(event.raw)
        self._waiting.append(Burial(event.reason, raw))
        if self._malformed.take(time.monotonic()):
            notice = emission.malformed(event.reason, raw, ears.alert, ears.implied_config())
            more = self._malformed.forgive()
            if more:
                notice["data"] = {"more_since_last": more}
            self._waiting.append(Emission(None, emission.dump(notice)))

    def _commit(self) -> None:
        try:
            accepted = self._ears.spool.append(self._waiting)
        except SpoolFull as error:
            self._ears.operational.say(
                "stopped_reading",
                f"{self._ears.alert}: the spool is full, its output is not read",
                f"{error}. The alert waits; nothing is lost. It goes on when there is room.",
                severity="error",
            )
            return
        self._waiting = []
        self._ears.accepted()
        if accepted.refused_states:
            self._ears.log.error("a state line is refused", because="the whole state may take 1 MiB")
        for name in accepted.conflicts:
            self._ears.operational.say(
                "id_conflict", f"{self._ears.alert} used one id for two notices", f"Both were forwarded. Id: `{name}`"
            )
        self._check_room()

    def _check_room(self) -> None:
        if time.monotonic() < self._next_room_check:
            return
        self._next_room_check = time.monotonic() + _CHECK_ROOM_SECONDS
        used = self._ears.spool.used()
        if used >= 0.8:
            title = f"{self._ears.alert}: the spool is {used:.0%} full"
            self._ears.operational.say("spool_80", title, "The notice center does not take what is waiting here.")


def _close(fd: int | None) -> None:
    if fd is not None:
        os.close(fd)
