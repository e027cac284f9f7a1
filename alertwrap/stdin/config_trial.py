"""The book of configs in use: what is proved is remembered in the spool, what is refused is told to people."""

from __future__ import annotations

from typing import Any

from alertwrap.log import Log
from alertwrap.run.conversation import Verdict
from alertwrap.run.operational import Operational
from alertwrap.spool.spool import Spool, SpoolFull
from alertwrap.stdin.config_book import ConfigBook

#: Under this name the spool remembers the configs that were proved.
GOOD = "good_configs"


class ConfigTrial:
    """Every method that can change what the alert gets says whether it did."""

    def __init__(self, alert: str, spool: Spool, operational: Operational, log: Log) -> None:
        self.book = ConfigBook(spool.recall(GOOD))
        self._alert = alert
        self._spool = spool
        self._operational = operational
        self._log = log

    def offer(self, configs: list[dict[str, Any]]) -> bool:
        """The notifier says that these are the configs."""
        before = self.book.current
        self._tell(self.book.offer(configs))
        return self.book.current != before

    def check_with(self, schema: dict[str, Any] | None) -> bool:
        """From now on a metric must match this."""
        before = self.book.current
        self._tell(self.book.check_with(schema))
        return self.book.current != before

    def judge(self, verdict: Verdict) -> bool:
        """The alert has looked at its configs."""
        if not verdict.errors:
            self.book.judge(verdict)
            self._remember()
            return False
        changed = self.book.judge(verdict)
        self._tell(self.book.refused or {"": "; ".join(verdict.errors)})
        return changed

    def fail(self, reason: str) -> bool:
        """A crash loop or exit code 78. Whether there are other configs to try."""
        changed = self.book.fail(reason)
        if changed:
            self._tell(self.book.refused)
        return changed

    def prove(self) -> None:
        """The alert ran well with what it has."""
        if self.book.prove():
            self._remember()
        self._all_clear()

    def _remember(self) -> None:
        try:
            self._spool.remember(GOOD, self.book.good)
        except SpoolFull as error:
            self._log.warning("the configs that were proved cannot be remembered now", reason=error)
        self._all_clear()

    def _all_clear(self) -> None:
        if not self.book.refused:
            self._operational.over("config_rejected", f"{self._alert} works with its newest config")

    def _tell(self, refused: dict[str, str]) -> None:
        if not refused:
            return
        stays = "The last good one stays in use." if self.book.good else "There is no earlier one that was good."
        reasons = "\n".join(f"- {name + ': ' if name else ''}{why}" for name, why in refused.items())
        self._operational.say(
            "config_rejected", f"A config of {self._alert} is wrong", f"{reasons}\n\n{stays}", at_once=True
        )
