"""Rows about what an alert prints: when it comes out, and whether it is what the contract wants."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import Any

from alertwrap.kit.conformance.bench import Bench, Finding, failed, passed, skipped, too_late, unfit
from alertwrap.kit.printed import events, is_notice
from alertwrap.kit.session import FINE_ENDS
from alertwrap.kit.subject import Entity
from alertwrap.stdin.world import RECIPIENT
from alertwrap.stdout.protocol import Malformed

#: What breaks programs that glue JSON together by hand, or cut text by bytes.
HOSTILE = ' "quoted" back\\slash\nnew line\ttab ü 漢 😀'
_SILENT = "it said nothing; give it --configs and --entities with which it has something to say"
#: Values that programs compare with: a status, a time, an id. They stay as they are.
_WORD = re.compile(r"[a-z0-9_.:/-]*|\d{4}-\d\d-\d\d.*")
#: Copies of each entity that C21 changes at once.
_CROWD = 200


def c01_first_output(bench: Bench) -> Finding:
    found = bench.baseline
    if found.not_started:
        return failed(found.not_started)
    if found.crashed:
        return failed(f"it ended with {found.ends[0]}{_error(found.errors)}")
    if found.spoke:
        return passed()
    if found.last_words and _speaks_on_a_terminal(bench):
        return failed("what it printed came out only when it ended: its output is buffered")
    return skipped("see C13" if found.last_words else _SILENT)


def c02_only_the_config(bench: Bench) -> Finding:
    found = bench.baseline
    if not bench.streams:
        return skipped('only for stdin = "stream"')
    manifest = bench.subject.manifest
    with bench.session(withheld=frozenset({RECIPIENT, *manifest.watch})) as run:
        expected = found.spoke and not manifest.watch and manifest.tick is None
        run.wait(lambda: run.count("out") or run.ends(), bench.longer if expected else 0.7)
        bad = [end for end in run.ends() if end not in FINE_ENDS]
        if bad and not found.crashed:
            return failed(f"with line 1 alone it ended with {bad[0]}{_error(run.of('err'))}")
        if expected and not run.of("out"):
            seen = "with line 1 alone it says nothing: it waits for more lines, which may not come for long"
            return too_late(seen, run.pid)
    return passed()


def c09_nothing_but_json(bench: Bench) -> Finding:
    found = bench.baseline
    if found.text or not found.spoke:
        return skipped('format = "text"' if found.text else _SILENT)
    wrong = unfit((*found.printed, *found.last_words))
    return failed(f"printed {wrong}") if wrong else passed()


def c10_one_line(bench: Bench) -> Finding:
    found = bench.baseline
    if found.text or not found.spoke:
        return skipped('format = "text"' if found.text else _SILENT)
    spread = [line for line in found.printed if line.strip() in ("{", "[")]
    if spread and unfit(found.printed) is None:
        return failed("an object is printed over several lines; it works, but a line in between would break it")
    return passed()


def c11_round_trip(bench: Bench) -> Finding:
    found = bench.baseline
    if not found.spoke:
        return skipped(_SILENT)
    if any("\ufffd" in line for line in found.printed):
        return failed("it printed bytes that are not UTF-8")
    entities = tuple(replace(entity, key=entity.key + HOSTILE, data=_hostile(entity.data)) for entity in _alive(bench))
    if not entities or found.text:
        return passed()
    with bench.session(replace(bench.subject, entities=entities)) as run:
        bench.settle(run)
        if any("\ufffd" in line for line in run.of("out")):
            return failed("from text with accents it made bytes that are not UTF-8")
        wrong = unfit(run.of("out"))
        if wrong and unfit(found.printed) is None:
            return failed(f"from an entity with quotes and newlines in its texts it made {wrong}")
        worked = bench.alive(run, "with quotes and newlines in an entity's texts")
        return worked if worked.verdict == "fail" else passed()


def c13_does_not_wait_for_the_end(bench: Bench) -> Finding:
    found = bench.baseline
    if bench.subject.manifest.stdin != "stream":
        return skipped('only for stdin = "stream"')
    if found.spoke:
        return passed()
    if not found.last_words:
        return skipped(_SILENT)
    if _speaks_on_a_terminal(bench):
        return skipped("see C01")
    return failed("it spoke only after its stdin had ended, which in production is when it is stopped")


def c21_does_not_tear(bench: Bench) -> Finding:
    found = bench.baseline
    if found.text or not found.spoke or unfit(found.printed):
        return skipped("see C09" if found.spoke and not found.text else _SILENT)
    crowd = tuple(
        replace(entity, key=f"{entity.key}-{n}") for n in range(_CROWD // max(1, len(_alive(bench)))) for entity in
        _alive(bench)
    )  # fmt: skip
    with bench.session(replace(bench.subject, entities=(*bench.subject.entities, *crowd))) as run:
        bench.settle(run)
        printed = run.of("out")
    wrong = [event for event in events(printed) if isinstance(event, Malformed)]
    torn = unfit(printed)
    return failed(f"under load lines are torn: {torn}") if wrong or torn else passed()


def _alive(bench: Bench) -> list[Entity]:
    return [entity for entity in bench.subject.entities if entity.data is not None]


def _hostile(value: Any) -> Any:
    if isinstance(value, str):
        return value if _WORD.fullmatch(value) else value + HOSTILE
    if isinstance(value, dict):
        return {name: _hostile(part) for name, part in value.items()}
    return [_hostile(part) for part in value] if isinstance(value, list) else value


def _speaks_on_a_terminal(bench: Bench) -> bool:
    """Most programs print at once on a terminal: so what shows there and not on a pipe was buffered."""
    manifest = bench.subject.manifest
    words = (str(manifest.program) if manifest.program else manifest.command[0], *manifest.command[1:])
    command = (sys.executable, "-m", "alertwrap.kit.on_terminal", *words)
    with bench.session(bench.subject.with_manifest(command=command)) as run:
        return run.wait(lambda: any(is_notice(message) for message in run.out()), bench.patience)


def _error(lines: tuple[str, ...] | list[str]) -> str:
    said = [line for line in lines if line.strip()]
    return f": {said[-1].strip()[:200]}" if said else ""
