"""One alert run by the production code inside the small world, and everything that went by, line by line."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import termios
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TextIO, cast

from alertwrap.host import Setup, Threads, hosting
from alertwrap.instruments import Instruments
from alertwrap.kit.center import SmallCenter, SmallNotifier
from alertwrap.kit.printed import messages
from alertwrap.kit.subject import Entity, Subject
from alertwrap.log import Log
from alertwrap.run.operational import NAME
from alertwrap.run.timing import Ladder, Policy, Timing
from alertwrap.stdin.feed import Feed
from alertwrap.stdin.notify_watcher import Following
from alertwrap.stdin.world import RECIPIENT
from alertwrap.wrapper import Wrapper

#: in: told to the alert; out, err: said by it; notice: arrived at the center; run: what the wrapper did; log.
Direction = Literal["in", "out", "err", "notice", "run", "log"]
#: The promised times, but without the long pauses after a crash: somebody is waiting.
TIMING = Timing(policy=Policy(first_backoff=0.1, longest_backoff=1.0, loop_retry=2.0, completed_gap=0.1, try_again=2.0))
#: The same for a stop that nobody wants to watch.
BRISK = Timing(policy=TIMING.policy, ladder=Ladder(flush=0.2, eof=2.0, eof_unread=0.05, term=1.0, kill=2.0))

#: Ends that are no crash: completed, and try again later.
FINE_ENDS = ("exit code 0", "exit code 75")

#: Events of the wrapper's log that tell how the run goes.
_RUN_EVENTS = ("the alert has started", "the alert has ended", "the alert is now")


#: How often somebody who waits looks again.
_LOOK_SECONDS = 0.01


class Seen(NamedTuple):
    """One line that went by, `t` seconds after the start."""

    t: float
    dir: Direction
    line: str


@dataclass
class Stage:
    """How the session is set. `feed` may tell strange things, `environ` adds to what surrounds the alert, and `follow`
    takes the place of the small notifier."""

    timing: Timing = TIMING
    withheld: frozenset[str] = frozenset()
    feed: type[Feed] = Feed
    environ: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None
    state: Any = None
    on_seen: Callable[[Seen], None] = lambda _: None
    follow: Callable[[tuple[str, ...]], Following] | None = None


class Session:
    """Use `session(subject)`. Everything that was seen is in `seen`; `wait` until something was.

    Under `lock` nothing is taken down: so what an alert answers stands behind what it was told.
    """

    def __init__(self, subject: Subject, stage: Stage) -> None:
        self.subject = subject
        self.notifier = SmallNotifier(subject, stage.withheld)
        self.center = SmallCenter(self._notice)
        self.seen: list[Seen] = []
        self.began = time.monotonic()
        self.wrapper: Wrapper | None = None
        self._on_seen = stage.on_seen
        self.lock = threading.RLock()
        self._said: dict[Direction, list[str]] = {}
        self._lines: dict[str, bytearray] = {}
        self._stdin: int | None = None
        self._feed: Feed | None = None
        self._nudges = 0

    @property
    def pid(self) -> int | None:
        """The alert's process, while it runs."""
        return self.wrapper.pid if self.wrapper else None

    def of(self, *directions: Direction) -> list[str]:
        """The lines of these kinds, so far."""
        with self.lock:
            if len(directions) == 1:
                return list(self._said.get(directions[0], ()))
            return [seen.line for seen in self.seen if seen.dir in directions]

    def count(self, direction: Direction) -> int:
        """How many lines of this kind there were."""
        return len(self._said.get(direction, ()))

    def out(self) -> list[dict[str, Any]]:
        """What the alert printed, as objects, so far; what is none is left out."""
        text = self.subject.manifest.format == "text"
        return messages(self.of("out"), text=text)

    def arrived(self) -> list[dict[str, Any]]:
        """The alert's notices at the center, in order."""
        return [notice for notice in list(self.center.notices.values()) if notice["alert"] != NAME]

    def told_by_wrapper(self) -> list[dict[str, Any]]:
        """What the wrapper itself had to say about the alert."""
        return [notice for notice in list(self.center.notices.values()) if notice["alert"] == NAME]

    def starts(self) -> int:
        return sum("the alert has started" in line for line in self.of("run"))

    def ends(self) -> list[str]:
        """How each run ended: `exit code 0`, `signal SIGTERM`."""
        found = [json.loads(line) for line in self.of("run")]
        return [str(event["how"]) for event in found if event["event"] == "the alert has ended"]

    def unread(self) -> int:
        """Bytes that the alert was told and has not taken; more when something waits to be told."""
        in_pipe = 0 if self._stdin is None else unread(self._stdin)
        return in_pipe + bool(self._feed is not None and self._feed.waiting)

    def taken(self) -> int:
        """Bytes that this run of the alert was told and has taken."""
        feed, stdin = self._feed, self._stdin
        return 0 if feed is None or stdin is None else feed.taken(unread(stdin))

    def wait(self, condition: Callable[[], object], seconds: float) -> bool:
        """Whether the condition came true within `seconds`."""
        until = time.monotonic() + seconds
        while not condition():
            left = until - time.monotonic()
            if left <= 0:
                return False
            # Looked at, not announced: a flood of lines would wake us for each.
            time.sleep(min(left, _LOOK_SECONDS))
        return True

    def quiet(self, seconds: float | Callable[[], float], at_most: float) -> bool:
        """Whether nothing was printed for `seconds`, which may change meanwhile; waits for it `at_most` so long."""
        deadline = time.monotonic() + at_most
        count, since = self.count("out"), time.monotonic()
        while time.monotonic() < deadline:
            now = self.count("out")
            if now != count:
                count, since = now, time.monotonic()
            elif time.monotonic() - since >= (seconds() if callable(seconds) else seconds):
                return True
            time.sleep(_LOOK_SECONDS)
        return False

    def nudge(self) -> None:
        """Let the wrapper look around: a feed of its own may have something to say by now."""
        self._nudges += 1
        self.notifier.put(Entity(RECIPIENT, "nudge", {"id": "nudge", "name": str(self._nudges)}))

    def hear(self, direction: Direction, line: str) -> None:
        """Take down one line. Whoever looks on sees them in this order."""
        with self.lock:
            seen = Seen(time.monotonic() - self.began, direction, line)
            self.seen.append(seen)
            self._said.setdefault(direction, []).append(line)
            self._on_seen(seen)

    def bytes(self, direction: Direction, data: bytes) -> None:
        """Take down what is complete of a stream."""
        with self.lock:
            rest = self._lines.setdefault(direction, bytearray())
            rest += data
            if b"\n" not in data:
                return
            *lines, last = bytes(rest).split(b"\n")
            self._lines[direction] = bytearray(last)
        for line in lines:
            self.hear(direction, line.decode("utf-8", "replace"))

    def end_of_run(self) -> None:
        """A last line without its newline counts too."""
        for direction, rest in list(self._lines.items()):
            if rest:
                self.hear(cast(Direction, direction), bytes(rest).decode("utf-8", "replace"))
        self._lines.clear()

    def opened(self, feed: Feed, stdin: int) -> None:
        """A run writes here."""
        self._feed, self._stdin = feed, stdin

    def event(self, values: dict[str, Any]) -> None:
        """One event of the wrapper's log."""
        name = str(values.get("event", ""))
        if name == "the alert has ended":
            self.end_of_run()
        ours = name.startswith(_RUN_EVENTS)
        if ours:
            self._stdin, self._feed = (None, None) if "ended" in name else (self._stdin, self._feed)
        if values.get("source") != "stderr":
            self.hear("run" if ours else "log", json.dumps(values, ensure_ascii=False))

    def _notice(self, notice: dict[str, Any]) -> None:
        self.hear("notice", json.dumps(notice, ensure_ascii=False))


@contextlib.contextmanager
def session(subject: Subject, stage: Stage | None = None) -> Iterator[Session]:
    """The alert runs inside the block, and is stopped by the ladder when it is left."""
    stage = stage or Stage()
    with contextlib.ExitStack() as stack:
        data = stage.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="alertwrap-")))
        current = Session(subject, stage)
        _prepare_state(subject, data, stage.state)
        log = Log(as_json=True, level="debug", out=cast(TextIO, _Events(current)))
        failed = threading.Event()
        threads = Threads(log, failed, failed)
        instruments = Instruments(_listening(stage.feed, current), current.bytes, dry_run=True)
        wrappers = stack.enter_context(
            hosting(
                [subject.manifest], Setup("http://127.0.0.1:9", "the-kit-has-no-token", data), log, threads,
                environ={**os.environ, **stage.environ}, timing=stage.timing,
                follow=stage.follow or current.notifier.follow, post=current.center, send=SmallCenter(),
                instruments=instruments,
            )
        )  # fmt: skip
        current.wrapper = wrappers[0]
        yield current
    current.end_of_run()
    if failed.is_set():
        raise RuntimeError("\n".join(line for line in current.of("log") if '"trace"' in line))


def unread(pipe: int) -> int:
    """Bytes that wait in a pipe."""
    count = array("i", [0])
    with contextlib.suppress(OSError):
        fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def last_error(run: Session) -> str:
    """The last line of its stderr, for a verdict."""
    lines = [line for line in run.of("err") if line.strip()]
    return f": {lines[-1].strip()[:200]}" if lines else ""


def _prepare_state(subject: Subject, data: Path, state: Any) -> None:
    if state is None:
        return
    from alertwrap.hosted import place_of  # noqa: PLC0415 - only here
    from alertwrap.spool.spool import Spool  # noqa: PLC0415

    place = place_of(subject.manifest.name, data)
    place.spool.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    spool = Spool(place.spool)
    spool.remember("state", state)
    spool.close()


def _listening(base: type[Feed], current: Session) -> type[Feed]:
    class Listening(base):  # type: ignore[misc, valid-type]
        """Tells the session what was written."""

        def _write(self, fd: int, data: bytes) -> int:
            current.opened(self, fd)
            with current.lock:
                written = int(super()._write(fd, data))
                current.bytes("in", data[:written])
            return written

    return Listening


class _Events:
    """The wrapper's log writes here: a JSON object a line."""

    def __init__(self, current: Session) -> None:
        self._current = current

    def write(self, text: str) -> int:
        for line in text.splitlines():
            self._current.event(json.loads(line))
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def isatty(self) -> bool:
        return False
