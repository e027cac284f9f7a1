"""Rows about what an alert reads: much, long, strange, half of it, or all at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from alertwrap.kit.conformance.bench import (
    QUIET_SECONDS,
    Bench,
    Finding,
    failed,
    identities,
    passed,
    skipped,
)
from alertwrap.kit.conformance.strangers import STRANGER, LongFeed, StrangeFeed
from alertwrap.kit.printed import is_notice
from alertwrap.kit.session import Session
from alertwrap.kit.subject import Entity
from alertwrap.stdin.world import RECIPIENT

_STREAM_ONLY = 'only for stdin = "stream"'
_NO_ENTITIES = "it watches nothing; give it --entities"
#: C17: an alert that speaks of half of it does so soon.
_HASTE_SECONDS = 1.0


def c06_unread_lines(bench: Bench) -> Finding:
    if not bench.streams:
        return skipped(_STREAM_ONLY)
    return bench.flood.finding


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
            _tell_slowly(run, entity)
        bench.settle(run)
        slowly = identities(run.out())
    at_once = identities(bench.baseline.messages)
    missing = sorted(slowly - at_once)
    if missing:
        return failed(f"told line by line it spoke of {missing[0][0]!r}, told at once it did not: it swallows lines")
    return passed()


def _tell_slowly(run: Session, entity: Entity) -> None:
    """And wait until it has taken it, and said what it has to say of it."""
    count = run.count("in")
    run.notifier.put(entity)
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
        run.wait(lambda: run.count("out") or run.ends(), _HASTE_SECONDS)
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
