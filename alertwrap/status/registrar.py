"""Makes the metric schemas of the alerts known to the configurator, so that the panel has a form for their configs.

It may fail for as long as it likes: no alert waits for it, and it is tried again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from random import Random
from typing import Any, Literal
from urllib.parse import quote

from alertwrap.delivery.post import Answer, NoAnswer
from alertwrap.delivery.retry import backoff
from alertwrap.log import Log

PATH = "/api/v1/alerts/"
Schema = dict[str, Any]
#: Method, path and body → the configurator's answer. Raises NoAnswer.
Ask = Callable[[Literal["GET", "PUT"], str, bytes], Answer]
#: A schema that the configurator does not take; the same again would fare no better.
_REFUSED = frozenset({400, 413, 422})


class Registrar:
    """`run` is a thread's main; `register` may be called from any thread."""

    def __init__(self, ask: Ask, log: Log, random: Random) -> None:
        self._ask = ask
        self._log = log
        self._random = random
        self._wanted: dict[str, Schema] = {}
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._complaints: set[str] = set()

    def register(self, alert: str, schema: Schema) -> None:
        """The configs of this alert have a `metric` of this shape."""
        with self._lock:
            self._wanted[alert] = schema
        self._news.set()

    def stop(self) -> None:
        """End soon; what is not known by then is told at the next start."""
        self._stopping.set()
        self._news.set()

    def run(self) -> None:
        """Until stopped."""
        failures, pause = 0, None
        while not self._stopping.is_set():
            self._news.wait(pause)
            self._news.clear()
            with self._lock:
                wanted = dict(self._wanted)
            failed = [alert for alert, schema in wanted.items() if not self._settle(alert, schema)]
            failures = failures + 1 if failed else 0
            pause = backoff(failures, self._random) if failed else None

    def _settle(self, alert: str, schema: Schema) -> bool:
        """Whether there is nothing more to do for this one."""
        if self._stopping.is_set():
            return True
        try:
            self._tell(alert, schema)
        except NoAnswer as error:
            self._complain(alert, str(error))
            return False
        with self._lock:
            if self._wanted.get(alert) is schema:
                del self._wanted[alert]
        return True

    def _tell(self, alert: str, schema: Schema) -> None:
        """What people have written about the alert stays as it is. Raises NoAnswer when it is to be tried again."""
        path = PATH + quote(alert, safe="")
        known = self._known(path)
        if known.get("metric_schema") == schema:
            return
        description = known.get("description") or str(schema.get("description", ""))
        body = json.dumps({"metric_schema": schema, "description": description}).encode()
        answer = self._ask("PUT", path, body)
        if answer.status in _REFUSED:
            self._complain(alert, f"HTTP {answer.status}: {answer.body[:500].decode(errors='replace')}")
        elif not 200 <= answer.status < 300:
            raise NoAnswer(f"HTTP {answer.status}; it takes a token that may alerts:write")

    def _known(self, path: str) -> dict[str, Any]:
        answer = self._ask("GET", path, b"")
        if answer.status == 404:
            return {}
        if answer.status != 200:
            raise NoAnswer(f"HTTP {answer.status}; it takes a token that may configs:read")
        try:
            found = json.loads(answer.body)
        except ValueError:
            raise NoAnswer("the configurator's answer is no JSON") from None
        return found if isinstance(found, dict) else {}

    def _complain(self, alert: str, reason: str) -> None:
        """Once for each reason: nothing depends on it but the look of a form."""
        if reason not in self._complaints:
            self._complaints.add(reason)
            self._log.info("the metric schema of an alert is not registered", alert=alert, reason=reason)
