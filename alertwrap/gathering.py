"""Keeps the alerts of this process in step with their files: added, changed and removed while the others go on."""

from __future__ import annotations

from alertwrap.alert_files import AlertFiles, Look, Wanted
from alertwrap.hosted import UNUSABLE, Alerts
from alertwrap.log import Log
from alertwrap.manifest import ManifestError


class Gathering:
    """`begin` once, then `look` now and then; for one thread. A file that is wrong costs its own alert only."""

    def __init__(self, files: AlertFiles, alerts: Alerts, log: Log) -> None:
        self._files = files
        self._alerts = alerts
        self._log = log
        self._running: dict[str, Wanted] = {}
        self._complaints: set[str] = set()

    def begin(self) -> None:
        """Take in what is there. Raises when something is wrong with a file that was named by itself."""
        look = self._files.look()
        wrong = [line for file in self._files.named for line in look.problems.get(file, [])]
        if wrong:
            raise ManifestError(wrong)
        named = set(self._files.named)
        for name, wanted in look.wanted.items():
            if wanted.file in named:
                self._alerts.add(wanted.manifest)
                self._running[name] = wanted
        for name in self._running:
            self._alerts.start(name)
        self._follow(look)

    def look(self) -> None:
        """Do what has to be done since the last look."""
        for name, reason in self._alerts.tidy().items():
            self._log.error("an alert whose file has changed cannot be taken in", alert=name, reason=reason)
            del self._running[name]
        self._follow(self._files.look())

    def _follow(self, look: Look) -> None:
        complaints = {line for lines in look.problems.values() for line in lines}
        self._tell_wrong(look)
        for name, wanted in look.wanted.items():
            known = self._running.get(name)
            if known is None:
                complaints |= self._add(name, wanted)
            elif known.stamp != wanted.stamp:
                self._log.info("an alert's file has changed", alert=name, file=wanted.file)
                self._running[name] = wanted
                self._alerts.replace(wanted.manifest)
        for name in self._running.keys() - look.wanted.keys():
            if self._running[name].file not in look.problems:
                self._log.info("an alert's file is gone", alert=name, file=self._running.pop(name).file)
                self._alerts.remove(name)
        for line in sorted(complaints - self._complaints):
            self._log.error("an alert cannot be taken in", reason=line)
        self._complaints = complaints

    def _add(self, name: str, wanted: Wanted) -> set[str]:
        if self._alerts.is_leaving(name):
            return set()  # it comes back as soon as it has left
        try:
            self._alerts.add(wanted.manifest)
        except UNUSABLE as error:
            return {str(error)}
        self._running[name] = wanted
        self._alerts.start(name)
        self._log.info("an alert was taken in", alert=name, file=wanted.file)
        return set()

    def _tell_wrong(self, look: Look) -> None:
        """A running alert whose file has become wrong goes on as before, and people hear of it."""
        wrappers = self._alerts.wrappers
        for name, wanted in self._running.items():
            operational = wrappers[name].operational
            if wanted.file not in look.problems:
                operational.over("file_wrong", f"The file of {name} is right")
            elif not operational.is_open("file_wrong"):
                text = "\n".join(look.problems[wanted.file])
                operational.say("file_wrong", f"The file of {name} is wrong; it goes on as before", text)
