"""Rows about what an alert reads: much, long, strange, half of it, or all at once."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from alertwrap.kit.conformance.bench import (
    QUIET_SECONDS,
    Bench,
    Finding,
    failed,
    identities,
    last_error,
    passed,
    skipped,
)
from alertwrap.kit.conformance.strangers import STRANGER, LongFeed, StrangeFeed
from alertwrap.kit.session import Session, is_notice
from alertwrap.kit.subject import Entity
from alertwrap.world import RECIPIENT

_STREAM_ONLY = 'only for stdin = "stream"'
_NO_ENTITIES = "it watches nothing; give it --entities"
#: C25: how fast, how much each, and the part of all that was sent that may stay in memory.
UPDATES_A_SECOND, UPDATE_BYTES, MAY_STAY = 1_000, 32_000, 0.4
_WARM_UP = 0.25
#: Below this nothing can be told from the noise of an allocator.
_NOISE_BYTES = 12_000_000
_BURSTS_A_SECOND = 20


def c06_unread_lines(bench: Bench) -> Finding:
    if not bench.streams:
        return skipped(_STREAM_ONLY)
    return bench.flood()[1]


def c07_long_line(bench: Bench) -> Finding:
    if bench.subject.manifest.stdin == "none":
        return skipped(_STREAM_ONLY)
    with bench.session(feed=LongFeed) as run:
        bench.settle(run)
        return bench.alive(run, "with a line 1 of almost 1 MiB")


def c08_ignores_the_unknown(bench: Bench) -> Finding:
    if bench.subject.manifest.stdin == "none":
        return skipped(_STREAM_ONLY)
    with bench.session(feed=StrangeFeed) as run:
        bench.settle(run)
        worked = bench.alive(run, "with types and fields that it does not know")
        if worked.verdict == "fail":
            return worked
        spoken = [line for line in run.of("out") if STRANGER in line]
        return failed(f"it speaks of what it cannot know: {spoken[0][:200]}") if spoken else passed()


def c14_takes_no_more_than_it_uses(bench: Bench) -> Finding:
    entities = bench.subject.entities
    if not bench.streams or not entities:
        return skipped(_STREAM_ONLY if not bench.streams else _NO_ENTITIES)
    with bench.session(replace(bench.subject, entities=())) as run:
        run.wait(lambda: run.unread() == 0 and run.count("in"), 2)
        run.quiet(0.1, 1)
        for entity in entities:
            run.notifier.put(entity)
            _taken(run)
        bench.settle(run)
        slowly = identities(run.out())
    at_once = identities(bench.baseline.messages)
    missing = sorted(slowly - at_once)
    if missing:
        return failed(f"told line by line it spoke of {missing[0][0]!r}, told at once it did not: it swallows lines")
    return passed()


def _taken(run: Session) -> None:
    count = run.count("in")
    run.wait(lambda: run.count("in") > count and run.unread() == 0, 1)
    run.quiet(0.05, 0.5)


def c17_waits_for_synced(bench: Bench) -> Finding:
    entities = bench.subject.entities
    if not bench.streams or len(entities) < 2:
        return skipped("needs two entities to tell only one of them" if bench.streams else _STREAM_ONLY)
    whole = identities(bench.baseline.messages)
    half = len(entities) // 2
    with bench.session(replace(bench.subject, entities=entities[:half]), withheld=frozenset({RECIPIENT})) as run:
        run.wait(lambda: run.count("in") and run.unread() == 0, bench.longer)
        run.wait(lambda: run.count("out") or run.ends(), bench.patience)
        run.quiet(QUIET_SECONDS, bench.patience)
        early = run.out()
        for entity in entities[half:]:
            run.notifier.put(entity)
        run.notifier.release()
        bench.settle(run)
        later = run.out()[len(early) :]
    invented = sorted(identities(early) - whole)
    if invented:
        return failed(f"told half of it, and not yet synced, it said {invented[0][0]!r}, which is not so")
    said = {str(found["key"]): _claim(found) for found in early if is_notice(found) and found.get("key")}
    again = [found for found in later if is_notice(found) and str(found.get("key")) in said]
    changed = [found for found in again if _claim(found) != said[str(found["key"])]]
    if changed:
        return failed(f"told half of it, and not yet synced, it spoke of {changed[0]['key']!r}, and took it back later")
    return passed()


def _claim(notice: dict[str, Any]) -> tuple[Any, Any]:
    return notice.get("status", "firing"), notice.get("title") or notice.get("message")


def c25_memory_stays(bench: Bench) -> Finding:
    if not bench.streams or not bench.reads_on or not Path("/proc/self/statm").exists():
        return skipped("it does not read on" if bench.streams else _STREAM_ONLY)
    if bench.baseline.last_words and not bench.baseline.spoke:
        return skipped("it keeps everything until the end: see C13")
    with bench.session() as run:
        bench.settle(run)
        if run.pid is None:
            return skipped("it ends by itself")
        began, sent, before = time.monotonic(), 0, 0
        while (passed_by := time.monotonic() - began) < bench.load_seconds and not run.ends():
            due = int(passed_by * UPDATES_A_SECOND)
            for number in range(sent, due):
                run.notifier.put(_update(bench, number))
            sent = due
            if not before and passed_by > bench.load_seconds * _WARM_UP:
                before = _memory(run.pid)
                sent_before = sent
            run.wait(lambda: False, 1 / _BURSTS_A_SECOND)
        if run.ends():
            return failed(f"under load it ended with {run.ends()[0]}{last_error(run)}")
        grown, pushed = _memory(run.pid) - before, _read_by_it(run, sent - sent_before)
    if grown > max(_NOISE_BYTES, pushed * MAY_STAY):
        return failed(f"its memory grew by {grown // 1_000_000} MB while it was told {pushed // 1_000_000} MB")
    return passed(f"{sent} updates")


def _update(bench: Bench, number: int) -> Entity:
    """The entities that it watches, or else recipients, over and over; the keys stay few."""
    known = [entity for entity in bench.subject.entities if entity.data is not None]
    filler: dict[str, Any] = {"x_filler": f"{number}".ljust(UPDATE_BYTES, "x")}
    if not known:
        return Entity(RECIPIENT, f"u{number % 100}", {"id": f"u{number % 100}", "name": "U", **filler})
    chosen = known[number % len(known)]
    return Entity(chosen.topic, f"{chosen.key}-{number % 100}", {**(chosen.data or {}), **filler})


def _read_by_it(run: Session, updates: int) -> int:
    told = run.count("in")
    return min(updates, told) * UPDATE_BYTES


def _memory(pid: int) -> int:
    """Bytes that the alert and what it started hold, by its session."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == pid:
                total += int(fields[21]) * 4096
    return total
