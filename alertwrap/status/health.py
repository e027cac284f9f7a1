"""How an alert is doing, as far as it can be seen from outside: kept across its runs, for people to look at."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

from wire.times import utc_now

#: Series that one alert may have; beyond that it is not a metric but a log.
METRIC_SERIES = 100

Labels = tuple[tuple[str, str], ...]


@dataclass
class Health:
    """Written by the thread that hears the alert, read by any. `heard_at` is monotonic, the other times are dates."""

    heard_at: float = field(default_factory=time.monotonic)
    notices: int = 0
    repeated: int = 0
    malformed: int = 0
    ignored: int = 0
    last_notice_at: datetime | None = None
    status: str = ""
    progress: float | None = None
    program: str = ""
    metrics: dict[tuple[str, Labels], float] = field(default_factory=dict)

    def heard(self) -> None:
        """It said something, whatever it was."""
        self.heard_at = time.monotonic()

    def accepted(self, new: int, repeated: int) -> None:
        """So many notices of its were committed, and so many vanished as repeats."""
        self.notices += new
        self.repeated += repeated
        if new or repeated:
            self.last_notice_at = utc_now()

    def measure(self, name: str, labels: dict[str, str], value: float) -> bool:
        """Keep a metric's last value; False when it would be one series too many."""
        series = (name, tuple(sorted(labels.items())))
        if series not in self.metrics and len(self.metrics) >= METRIC_SERIES:
            return False
        self.metrics = {**self.metrics, series: value}
        return True
