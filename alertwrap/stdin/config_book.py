"""Which configs an alert works with: the newest that are right, and for each that is wrong the last one that was.

A config is proved when the alert says so (`config_ok`), completes, or runs with it for a while. It is wrong when it
breaks the metric schema, when the alert says so (`config_error`, exit code 78), or when it brings a crash loop.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from typing import Any

from alertwrap.run.conversation import Verdict

Config = dict[str, Any]
#: All configs of one alert, as they stand in its line 1 beside its state.
MAX_BYTES = 256 * 1024
_SHOWN = 300


class ConfigBook:
    """Safe to use from every thread. `good` are those that were proved in earlier runs, None when none ever was."""

    def __init__(self, good: Iterable[Config] | None) -> None:
        self._lock = threading.Lock()
        self._good: dict[str, Config] | None = None if good is None else {one["id"]: one for one in good}
        self._schema: dict[str, Any] | None = None
        self._offered: list[Config] = []
        self._banned: dict[str, str] = {}
        self._current: list[Config] = []
        self._sent = 0

    @property
    def current(self) -> list[Config]:
        """What the alert gets."""
        return self._current

    @property
    def good(self) -> list[Config] | None:
        """What was proved, to be remembered."""
        return None if self._good is None else list(self._good.values())

    @property
    def proved(self) -> bool:
        """Whether there is nothing to prove."""
        return self._good is not None and self._current == list(self._good.values())

    @property
    def refused(self) -> dict[str, str]:
        """Config id → why its newest revision is not used."""
        with self._lock:
            offered = {_identity(one): one["id"] for one in self._offered}
            return {offered[identity]: why for identity, why in self._banned.items() if identity in offered}

    def offer(self, configs: list[Config]) -> dict[str, str]:
        """These are the configs now. Returns those of them that are refused at once, by id with the reason."""
        with self._lock:
            known = set(self._banned)
            self._offered = configs
            self._check()
            return {
                one["id"]: self._banned[_identity(one)]
                for one in configs
                if _identity(one) in self._banned.keys() - known
            }

    def check_with(self, schema: dict[str, Any] | None) -> dict[str, str]:
        """From now on configs must match this schema of their `metric`. Returns as `offer` does."""
        self._schema = schema
        return self.offer(self._offered)

    def sent(self, revision: int) -> list[Config]:
        """The config line of this revision is being written; returns what stands in it."""
        self._sent = revision
        return self._current

    def judge(self, verdict: Verdict) -> bool:
        """Take the alert's verdict about the line that it was sent last. Whether other configs are current now."""
        if verdict.rev != self._sent:
            return False
        if not verdict.errors:
            self.prove()
            return False
        return self.fail("; ".join(verdict.errors), verdict.errors)

    def prove(self) -> bool:
        """What is current is right. Whether that is news."""
        with self._lock:
            if self.proved:
                return False
            self._good = {one["id"]: one for one in self._current}
            return True

    def fail(self, reason: str, errors: Iterable[str] = ()) -> bool:
        """Something that is current and not proved is wrong. Whether there is a last good state to go back to."""
        with self._lock:
            if self._good is None:
                return False
            suspects = [one for one in self._current if self._good.get(one["id"]) != one]
            named = [one for place, one in enumerate(self._current) if any(_names(error, place) for error in errors)]
            for one in [one for one in suspects if one in named] or suspects:
                self._banned[_identity(one)] = reason[:_SHOWN]
            self._choose()
            return bool(suspects)

    def _check(self) -> None:
        for one in self._offered:
            why = self._complaint(one)
            if why:
                self._banned.setdefault(_identity(one), why[:_SHOWN])
        offered = {_identity(one) for one in self._offered}
        self._banned = {identity: why for identity, why in self._banned.items() if identity in offered}
        self._choose()

    def _choose(self) -> None:
        chosen = [self._instead(one) if _identity(one) in self._banned else one for one in self._offered]
        current, size = [], 0
        for one in chosen:
            size += len(json.dumps(one)) if one else 0
            if one and size > MAX_BYTES:
                self._banned[_identity(one)] = f"the configs of one alert may take {MAX_BYTES} bytes together"
            elif one:
                current.append(one)
        self._current = current

    def _instead(self, banned: Config) -> Config | None:
        """What the alert works with already, if that is right, else what was proved."""
        now = next((one for one in self._current if one["id"] == banned["id"]), None)
        return now if now and _identity(now) not in self._banned else (self._good or {}).get(banned["id"])

    def _complaint(self, config: Config) -> str | None:
        if self._schema is None:
            return None
        from alertwrap.stdin.metric_check import complaints  # noqa: PLC0415 - a library that only this needs

        return "; ".join(complaints(self._schema, config["metric"])) or None


def _identity(config: Config) -> str:
    return json.dumps(config, sort_keys=True)


def _names(error: str, place: int) -> bool:
    return error.startswith((f"/configs/{place}/", f"/configs/{place}:"))
