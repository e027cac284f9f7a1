"""Row C25: thousands of updates, and what of them stays in memory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from alertwrap.kit.conformance import procfs
from alertwrap.kit.conformance.bench import Bench, Finding, failed, passed, skipped
from alertwrap.kit.session import Session, last_error
from alertwrap.kit.subject import Entity
from alertwrap.stdin.world import RECIPIENT

#: How fast, how much each, and the part of what it was told that may stay in memory.
UPDATES_A_SECOND, UPDATE_BYTES, MAY_STAY = 1_000, 32_000, 0.4
#: Heaps grow at first and then no more; what is kept for ever grows in every span, so several must agree.
_SPANS, _MOST_SPANS = 4, 12
_WARM_UP = 0.25
#: Below this nothing can be told from the noise of an allocator.
_NOISE_BYTES = 12_000_000
_BURST_SECONDS = 0.05
_KEYS = 100


@dataclass(frozen=True)
class Span:
    """Some seconds under load: bytes that it was told, and by how many its memory grew."""

    told: int
    grown: int

    @property
    def kept(self) -> bool:
        """Whether too much of it has stayed."""
        return self.grown > self.told * MAY_STAY


def c25_memory_stays(bench: Bench) -> Finding:
    if not bench.streams or not bench.reads_on or not procfs.known():
        return skipped("it does not read on" if bench.streams else 'only for stdin = "stream"')
    if bench.baseline.last_words and not bench.baseline.spoke:
        return skipped("it keeps everything until the end: see C13")
    with bench.session() as run:
        bench.settle(run)
        if run.pid is None:
            return skipped("it ends by itself")
        load = Load(bench, run)
        load.span(bench.load_seconds * _WARM_UP)
        spans = [load.span(bench.load_seconds)]
        while spans[-1].kept and not run.ends() and not _plain(spans) and len(spans) < _MOST_SPANS:
            spans.append(load.span(bench.load_seconds))
        if run.ends():
            return failed(f"under load it ended with {run.ends()[0]}{last_error(run)}")
    if not _plain(spans):
        return passed(f"{load.sent} updates")
    grown, told = sum(span.grown for span in spans), sum(span.told for span in spans)
    return failed(f"its memory grew by {grown // 1_000_000} MB while it was told {told // 1_000_000} MB")


def _plain(spans: list[Span]) -> bool:
    """Whether they all say that it keeps what it is told."""
    return (
        len(spans) >= _SPANS and all(span.kept for span in spans) and sum(span.grown for span in spans) > _NOISE_BYTES
    )


class Load:
    """Updates that come at their pace, span after span."""

    def __init__(self, bench: Bench, run: Session) -> None:
        self.sent = 0
        self._bench = bench
        self._run = run

    def span(self, seconds: float) -> Span:
        """So long a rain of updates."""
        run, began, first = self._run, time.monotonic(), self.sent
        before, taken = procfs.memory(run.pid), run.taken()
        while (passed_by := time.monotonic() - began) < seconds and not run.ends():
            due = first + int(passed_by * UPDATES_A_SECOND)
            for number in range(self.sent, due):
                run.notifier.put(_update(self._bench, number))
            self.sent = max(self.sent, due)
            run.wait(run.ends, _BURST_SECONDS)
        return Span(run.taken() - taken, procfs.memory(run.pid) - before)


def _update(bench: Bench, number: int) -> Entity:
    """The entities that it watches, or else recipients, over and over; the keys stay few."""
    known = [entity for entity in bench.subject.entities if entity.data is not None]
    filler: dict[str, Any] = {"x_filler": f"{number}".ljust(UPDATE_BYTES, "x")}
    if not known:
        return Entity(RECIPIENT, f"u{number % _KEYS}", {"id": f"u{number % _KEYS}", "name": "U", **filler})
    chosen = known[number % len(known)]
    return Entity(chosen.topic, f"{chosen.key}-{number % _KEYS}", {**(chosen.data or {}), **filler})
