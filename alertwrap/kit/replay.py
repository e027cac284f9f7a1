"""Tell an alert again what it was told then, line by line, and compare what it says."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alertwrap.kit.printed import notices
from alertwrap.kit.recording import masked, told
from alertwrap.kit.session import BRISK, FINE_ENDS, Seen, Session, Stage, last_error, session
from alertwrap.kit.subject import Subject, SubjectError
from alertwrap.stdin.feed import Feed
from alertwrap.stdin.secret_source import read_secrets
from alertwrap.stdout.protocol import line

#: After the last line it may still have something to say; then its stdin ends.
_QUIET_SECONDS = 0.3
#: An answer of ours (`ack`, `pong` …) stands behind what it answers; waited for so long.
_TURN_SECONDS = 2.0
#: An alert that reads nothing and says nothing for so long has come to its end; sooner when it has read everything.
_STALL_SECONDS, _DONE_SECONDS = 5.0, 2.0
_ANSWERS = frozenset({"ack", "delivered", "reject"})

#: Which notice it is (id, or key, or title), and which word about that.
Identity = tuple[str, int]


@dataclass(frozen=True)
class Change:
    """One difference. `before` or `after` is None when it is new or gone."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def kind(self) -> str:
        return "new" if self.before is None else "gone" if self.after is None else "changed"


@dataclass(frozen=True)
class Echo:
    """What an alert said when it was told all that again. `doubt`: why that may not be all that it would say."""

    notices: list[dict[str, Any]]
    doubt: str | None = None


def replay(
    subject: Subject, seen: Sequence[Seen], configs: Sequence[dict[str, Any]] | None = None, at_most: float = 60.0
) -> Echo:
    """Ask the alert. With `configs` it is told these, and no others, from the start. Raises SubjectError when it cannot
    be started."""
    lines = _lines(subject, told(seen), configs)
    printed_before = _printed_before(seen, len(lines)) if configs is None else [0] * len(lines)
    script = _scripted(lines, printed_before)
    # Everything is in the script: ticks too. The subject's own small world stays silent.
    quiet = subject.with_manifest(tick=None, interval=None, on_config="stream", secrets={})
    state = lines[0].get("state") if lines else None
    with session(quiet, Stage(timing=BRISK, feed=script, state=state)) as run:
        script.heard = staticmethod(lambda: run.count("out"))
        in_time = _hear_out(run, len(lines), sum(entry.dir == "out" for entry in seen), at_most)
        if not run.starts():
            raise SubjectError(next((notice["message"] for notice in run.told_by_wrapper()), "it was not started"))
        ends, count = run.ends(), run.count("in")
    doubt = None if in_time else f"after {at_most:g} s it had been told {count} of {len(lines)} lines; see --at-most"
    bad = next((end for end in ends if end not in FINE_ENDS), None)
    if bad:
        doubt = f"it ended with {bad}, told {count} of {len(lines)} lines{last_error(run)}"
    heard = [masked(said, lines[0].get("secrets", {}).values() if lines else ()) for said in run.of("out")]
    return Echo(notices(heard, text=subject.manifest.format == "text"), doubt)


def _hear_out(run: Session, lines: int, words: int, at_most: float) -> bool:
    """Tell it everything, and wait until it has said as much as then, or no more. Whether `at_most` was enough."""
    until = time.monotonic() + at_most
    before, since = (0, 0, 0), time.monotonic()
    while not run.ends() and not run.told_by_wrapper():
        now = time.monotonic()
        if now > until:
            return False
        at = (run.count("in"), run.unread(), run.count("out"))
        before, since = (at, now) if at != before else (before, since)
        read = at[0] >= lines and not at[1] and run.starts() > 0
        if now - since > (_DONE_SECONDS if read else _STALL_SECONDS) or (read and at[2] >= words):
            break
        run.nudge()
        run.wait(lambda: run.count("in") >= lines and not run.unread(), 0.05)
    run.quiet(_QUIET_SECONDS, _TURN_SECONDS)
    return True


def recorded(subject: Subject, seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """What it said then, as notices."""
    return notices([entry.line for entry in seen if entry.dir == "out"], text=subject.manifest.format == "text")


def compare(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[Change]:
    """What differs, in the order in which it was said. The n-th word about a condition is compared with the n-th."""
    known, now = _by_identity(before), _by_identity(after)
    names = list(known)
    places = {name: place for place, name in enumerate(names)}
    changes, reached = [], 0

    def gone(until: int) -> list[Change]:
        return [Change(known[name], None) for name in names[reached:until] if name not in now]

    for name, notice in now.items():
        if name not in known:
            changes.append(Change(None, notice))
            continue
        changes += gone(places[name])
        reached = max(reached, places[name] + 1)
        if _content(known[name]) != _content(notice):
            changes.append(Change(known[name], notice))
    return changes + gone(len(names))


def _by_identity(notices: Sequence[dict[str, Any]]) -> dict[Identity, dict[str, Any]]:
    found: dict[Identity, dict[str, Any]] = {}
    count: Counter[str] = Counter()
    for notice in notices:
        name = str(notice.get("id") or notice.get("key") or notice.get("title") or notice.get("message"))
        found[name, count[name]] = notice
        count[name] += 1
    return found


def _content(notice: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in notice.items() if name != "seq"}, sort_keys=True)


def _lines(
    subject: Subject, lines: list[dict[str, Any]], configs: Sequence[dict[str, Any]] | None
) -> list[dict[str, Any]]:
    """With secrets where they were masked, and with other configs if that is the question."""
    if not lines or lines[0].get("type") not in ("config", "run"):
        return lines
    first = dict(lines[0])
    if subject.manifest.secrets:
        first["secrets"] = read_secrets(subject.manifest, os.environ)
    if configs is None:
        return [first, *lines[1:]]
    first["configs"] = list(configs)
    return [first, *(one for one in lines[1:] if one.get("type") != "config")]


def _printed_before(seen: Sequence[Seen], count: int) -> list[int]:
    """For each line that is an answer of ours: how much the alert had printed by then."""
    printed, found = 0, []
    for entry in seen:
        if entry.dir == "out":
            printed += 1
        elif entry.dir == "in":
            is_answer = any(entry.line.startswith(f'{{"type":"{kind}"') for kind in _ANSWERS)
            found.append(printed if is_answer else 0)
    return found[:count]


class _Script(Feed):
    """Says the lines of a recording, one after the other, each after what it answers."""

    heard: Any = staticmethod(lambda: 0)
    script: tuple[bytes, ...] = ()
    turns: tuple[int, ...] = ()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._position = 0
        self._waits_since: float | None = None

    @property
    def waiting(self) -> bool:
        """Whether the next line may be said now."""
        return bool(self._in_flight) or self._turn()

    def _turn(self) -> bool:
        if self._position >= len(self.script):
            return False
        if type(self).heard() >= self.turns[self._position]:
            return True
        self._waits_since = self._waits_since or time.monotonic()
        return time.monotonic() - self._waits_since > _TURN_SECONDS

    def _render(self) -> bool:
        if not self._turn():
            return False
        self._in_flight = self.script[self._position]
        self._position += 1
        self._waits_since = None
        return True


def _scripted(lines: list[dict[str, Any]], after: list[int]) -> Any:
    """A feed that says these lines, whatever happens around it."""
    rendered = tuple(line(one) for one in lines)
    return type("Scripted", (_Script,), {"script": rendered, "turns": tuple(after)})
