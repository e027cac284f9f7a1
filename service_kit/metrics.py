"""Prometheus metrics: one registry per service, so that several services in one process do not mix."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

#: From a quick read to a slow disk.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_BOUNDS = (*(str(float(bound)) for bound in _BUCKETS), "+Inf")


@dataclass
class _Answers:
    """How many there were in each bucket, and seconds in all."""

    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * len(_BOUNDS))

    def __add__(self, other: _Answers) -> _Answers:
        return _Answers(self.seconds + other.seconds, [*map(sum, zip(self.buckets, other.buckets, strict=True))])


class HttpMetrics(Collector):
    """Requests by route template (never by raw path: that would be one series per id).

    Counted here and shaped when somebody asks: the library's own counters take a lock at each of three steps.
    """

    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        self._service = service
        self._answers: dict[tuple[str, str, int], _Answers] = {}
        registry.register(self)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Add one request; on the event loop only. There are as many series as routes and statuses: few, and known."""
        answers = self._answers.get((method, route, status))
        if answers is None:
            answers = self._answers[method, route, status] = _Answers()
        answers.seconds += seconds
        answers.buckets[bisect_left(_BUCKETS, seconds)] += 1

    def collect(self) -> Iterator[Metric]:
        """The two families, as the registry asks for them."""
        requests = CounterMetricFamily(
            "alertwrap_http_requests", "HTTP requests.", labels=["service", "method", "route", "status"]
        )
        by_route: dict[str, _Answers] = {}
        for (method, route, status), answers in self._answers.items():
            requests.add_metric([self._service, method, route, str(status)], sum(answers.buckets))
            by_route[route] = by_route.get(route, _Answers()) + answers
        yield requests
        seconds = HistogramMetricFamily(
            "alertwrap_http_request_seconds", "Time to answer.", labels=["service", "route"]
        )
        for route, answers in by_route.items():
            cumulated = [*zip(_BOUNDS, accumulate(answers.buckets), strict=True)]
            seconds.add_metric([self._service, route], cumulated, answers.seconds)
        yield seconds


def render(registry: CollectorRegistry) -> bytes:
    """The text exposition format."""
    return generate_latest(registry)
