"""Publishes how each alert is doing as an entity, so that the panel and other alerts can watch the watchers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

from alertwrap.delivery.courier import Post
from alertwrap.delivery.post import NoAnswer
from alertwrap.delivery.retry import ALARM_SECONDS, backoff
from alertwrap.log import Log
from alertwrap.status.published import Published
from alertwrap.status.report import Report
from wire.times import rfc3339, utc_now

TOPIC, PATH = "alertwrap.alert", "/api/v1/events"
#: A change of state is published so soon, with what else has changed meanwhile; counts are so often.
_SOON_SECONDS, _COUNTS_SECONDS = 0.2, 10.0
#: What was said is said again so often, and holds for so long: whoever is killed cannot take it back.
REFRESH_SECONDS, LIFETIME_SECONDS = 60.0, 180.0
#: Events in one request.
_BATCH = 500


class _Said(NamedTuple):
    """What was published of an alert, and when (monotonic)."""

    data: dict[str, Any]
    at: float


class Herald:
    """`run` is a thread's main; `changed` may be called from any thread. `reports` says how things are, by alert;
    `published` remembers over processes of which alerts we have spoken."""

    def __init__(
        self, poster: Post, reports: Callable[[], Mapping[str, Report]], published: Published, log: Log, random: Random
    ) -> None:
        self._poster = poster
        self._reports = reports
        self._known = published
        self._log = log
        self._random = random
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._published: dict[str, _Said] = {}
        self._next_sweep = time.monotonic() + REFRESH_SECONDS
        self._failures = 0
        self._where = {"host": socket.gethostname()}

    def changed(self, _: str = "") -> None:
        self._news.set()

    def stop(self, seconds: float) -> None:
        """Publish once more how things are, within this time, and end."""
        self._poster.end_by(time.monotonic() + seconds)
        self._stopping.set()
        self._news.set()

    def run(self) -> None:
        """Until stopped."""
        try:
            while not self._stopping.is_set():
                self._news.wait(_COUNTS_SECONDS)
                self._stopping.wait(_SOON_SECONDS)
                self._news.clear()
                self._stopping.wait(self._publish())
            self._publish()
        finally:
            self._poster.close()

    def _publish(self) -> float:
        """Say what differs from what was said last; returns how long to leave it at that."""
        now = {name: {**report.as_json(), **self._where} for name, report in self._reports().items()}
        gone = (self._published.keys() - now.keys()) | self._orphans(now)
        events: list[dict[str, Any]] = [{"topic": TOPIC, "key": name, "action": "deleted"} for name in gone]
        news = {name: one for name, one in now.items() if self._is_news(name, one)}
        events += [{"topic": TOPIC, "key": name, "data": one} for name, one in news.items()]
        for start in range(0, len(events), _BATCH):
            wait = self._post(events[start : start + _BATCH])
            if wait:
                return wait
        return 0.0

    def _is_news(self, name: str, data: dict[str, Any]) -> bool:
        said = self._published.get(name)
        return said is None or said.data != data or time.monotonic() - said.at >= REFRESH_SECONDS

    def _orphans(self, now: Mapping[str, Any]) -> set[str]:
        """What a process that was killed has left behind. Not at once: at a start not all alerts are there yet."""
        if time.monotonic() < self._next_sweep:
            return set()
        self._next_sweep = time.monotonic() + REFRESH_SECONDS
        return self._known.orphans(now)

    def _post(self, events: list[dict[str, Any]]) -> float:
        try:
            answer = self._poster.post("\n".join(json.dumps(_limited(event)) for event in events).encode())
        except NoAnswer as error:
            return self._later(str(error), backoff(self._failures, self._random))
        if answer.status in (401, 403, 404):
            return self._later(f"HTTP {answer.status}; it takes a token that may events:write", ALARM_SECONDS)
        if not 200 <= answer.status < 300:
            return self._later(f"HTTP {answer.status}", backoff(self._failures, self._random))
        self._failures = 0
        for event in events:
            name = event["key"]
            if "data" in event:
                if name not in self._published:
                    self._known.add(name)
                self._published[name] = _Said(event["data"], time.monotonic())
            else:
                self._published.pop(name, None)
                self._known.remove(name)
        return 0.0

    def _later(self, reason: str, seconds: float) -> float:
        if self._failures == 0:
            self._log.info("the state of the alerts is not published", reason=reason)
        self._failures += 1
        return seconds


def _limited(event: dict[str, Any]) -> dict[str, Any]:
    """With the time until which it holds; what is stopped stays so."""
    if "data" not in event:
        return event
    lasts = event["data"]["state"] == "STOPPED"
    expires = None if lasts else rfc3339(utc_now() + timedelta(seconds=LIFETIME_SECONDS))
    return {**event, "data": {**event["data"], "expires_at": expires}}
