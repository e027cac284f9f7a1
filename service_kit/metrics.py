"""Prometheus metrics: one registry per service, so that several services in one process do not mix."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

#: From a quick read to a slow disk.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class HttpMetrics:
    """Requests by route template (never by raw path: that would be one series per id)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "alertwrap_http_requests_total",
            "HTTP requests.",
            ["service", "method", "route", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "alertwrap_http_request_seconds",
            "Time to answer.",
            ["service", "route"],
            buckets=_BUCKETS,
            registry=registry,
        )


def render(registry: CollectorRegistry) -> bytes:
    """The text exposition format."""
    return generate_latest(registry)
