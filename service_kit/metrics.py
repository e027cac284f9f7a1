"""Prometheus metrics: one registry per service, so that several services in one process do not mix."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

#: From a quick read to a slow disk.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class HttpMetrics:
    """Requests by route template (never by raw path: that would be one series per id)."""

    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        self._service = service
        self._requests = Counter(
            "alertwrap_http_requests_total",
            "HTTP requests.",
            ["service", "method", "route", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "alertwrap_http_request_seconds",
            "Time to answer.",
            ["service", "route"],
            buckets=_BUCKETS,
            registry=registry,
        )
        # looking up a series by its labels costs more than adding to it
        self._series: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Add one request. There are as many series as routes and statuses: few, and known."""
        series = self._series.get((method, route, status))
        if series is None:
            counter = self._requests.labels(self._service, method, route, status)
            series = self._series[method, route, status] = counter, self._seconds.labels(self._service, route)
        series[0].inc()
        series[1].observe(seconds)


def render(registry: CollectorRegistry) -> bytes:
    """The text exposition format."""
    return generate_latest(registry)
