"""The alerts of this process: started, replaced and taken away while the others go on."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from alertwrap.delivery.courier import Courier, Route
from alertwrap.delivery.letters import Letters
from alertwrap.log import Log
from alertwrap.manifest import Manifest
from alertwrap.process.process import StillAlive, take_lock
from alertwrap.run.launch import Place, Surroundings
from alertwrap.run.operational import NAME, Operational
from alertwrap.spool.entries import Row
from alertwrap.spool.file import SpoolUnusable
from alertwrap.spool.spool import Spool
from alertwrap.status.report import Report
from alertwrap.wrapper import Wrapper

#: Why an alert cannot be taken in, though its file is right.
UNUSABLE = (StillAlive, SpoolUnusable, OSError)


@dataclass
class _Hosted:
    """One alert with what it holds open. `thread` is None until it has been started."""

    manifest: Manifest
    wrapper: Wrapper
    spool: Spool
    routes: tuple[tuple[Courier, Route], ...]
    holds: contextlib.ExitStack
    thread: threading.Thread | None = None

    @property
    def ended(self) -> bool:
        return self.thread is not None and not self.thread.is_alive()


class Alerts:
    """For one thread, but for `wrappers`. `logs` gives each alert its log; `couriers` carry notices and letters."""

    def __init__(
        self, data: Path, around: Surroundings, notices: Courier, letters: Courier, log: Callable[[str], Log]
    ) -> None:
        self._data = data
        self._around = around
        self._notices = notices
        self._letters = letters
        self._log = log
        self._hosted: dict[str, _Hosted] = {}
        self._leaving: list[_Hosted] = []
        self._next: dict[str, Manifest] = {}

    @property
    def wrappers(self) -> Mapping[str, Wrapper]:
        """The alerts that are here, by name."""
        return {name: one.wrapper for name, one in tuple(self._hosted.items())}

    @property
    def reports(self) -> dict[str, Report]:
        """How each of them is doing."""
        return {name: wrapper.report for name, wrapper in self.wrappers.items()}

    @property
    def pids(self) -> set[int]:
        """The processes whose exit somebody here waits for."""
        everyone = (*self._hosted.values(), *self._leaving)
        return {one.wrapper.pid for one in everyone if one.wrapper.pid is not None}

    def add(self, manifest: Manifest) -> Wrapper:
        """Take it in; `start` runs it. Raises StillAlive when another process runs it, SpoolUnusable."""
        place = place_of(manifest.name, self._data)
        place.spool.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.ExitStack() as holds:
            try:
                holds.callback(os.close, take_lock(place.lock))
            except StillAlive:
                raise StillAlive(f"{manifest.name}: another alertwrap runs this alert on {self._data}") from None
            log = self._log(manifest.name)
            spool = Spool(place.spool, masked=log.masked)
            holds.callback(spool.close)
            wrapper = Wrapper(manifest, place, spool, self._around, log)
            _tell_damage(spool, wrapper)
            one = _Hosted(manifest, wrapper, spool, self._carried(spool, wrapper, log), holds.pop_all())
        self._hosted[manifest.name] = one
        for courier, route in one.routes:
            courier.carry(route)
        return wrapper

    def start(self, name: str) -> None:
        one = self._hosted[name]
        one.thread = self._around.start_thread(f"main:{name}", one.wrapper.run)

    def replace(self, manifest: Manifest) -> None:
        """Its file has changed: the program ends through the ladder, and then runs as the new file says."""
        self._next[manifest.name] = manifest
        self._hosted[manifest.name].wrapper.stop()

    def remove(self, name: str) -> None:
        """It ends through the ladder; what it said is delivered all the same."""
        one = self._hosted.pop(name)
        self._next.pop(name, None)
        self._leaving.append(one)
        one.wrapper.stop()
        self._around.changed(name)

    def tidy(self) -> dict[str, str]:
        """Call now and then: start anew what was replaced; give back the things of what has left and is delivered.

        Returns the alerts that were replaced and could not be taken in again, each with the reason.
        """
        lost: dict[str, str] = {}
        for name, manifest in tuple(self._next.items()):
            if self._hosted[name].ended:
                del self._next[name]
                self._close(self._hosted.pop(name))
                try:
                    self.add(manifest)
                    self.start(name)
                except UNUSABLE as error:
                    lost[name] = str(error)
        for one in tuple(self._leaving):
            if one.ended and not any(route.spool.pending_count for _, route in one.routes):
                self._leaving.remove(one)
                self._close(one)
        return lost

    def is_leaving(self, name: str) -> bool:
        """Whether an alert of this name is on its way out, and still holds its things."""
        return any(one.manifest.name == name for one in self._leaving)

    def stop(self, seconds: float) -> None:
        """End all of them, each through its ladder, within this time."""
        everyone = [*self._hosted.values(), *self._leaving]
        for one in everyone:
            one.wrapper.stop()
        until = time.monotonic() + seconds
        for one in everyone:
            if one.thread is not None:
                one.thread.join(max(0.0, until - time.monotonic()))

    def close(self) -> None:
        """Give back everything; the couriers have ended."""
        for one in (*self._hosted.values(), *self._leaving):
            one.holds.close()

    def _close(self, one: _Hosted) -> None:
        for courier, route in one.routes:
            courier.drop(route)
        one.holds.close()

    def _carried(self, spool: Spool, wrapper: Wrapper, log: Log) -> tuple[tuple[Courier, Route], ...]:
        tell = _teller(wrapper.operational, wrapper.name, log)

        def on_dead(row: Row, reason: str) -> None:
            wrapper.undeliverable(row.seq, row.id, reason)
            tell(row, reason)

        notices = Route(spool, on_dead, wrapper.settled)
        return (self._notices, notices), (self._letters, Route(Letters(spool), tell))


def place_of(alert: str, data: Path) -> Place:
    """Where the alert of this name keeps its things under the data directory."""
    spool = data / "spool"
    return Place(spool / f"{alert}.db", spool / f"{alert}.lock", spool / f"{alert}.alive", data / "state" / alert)


def _tell_damage(spool: Spool, wrapper: Wrapper) -> None:
    spool.on_recovered = lambda what: wrapper.operational.say(
        "spool_corrupt", f"{wrapper.name}: the spool was damaged", what, severity="error"
    )
    if spool.recovered:
        spool.on_recovered(spool.recovered)


def _teller(operational: Operational, alert: str, log: Log) -> Callable[[Row, str], None]:
    def tell(row: Row, reason: str) -> None:
        if f'"alert":"{NAME}"' in row.text:
            log.error("the notice center refused a notice of ours", id=row.id, reason=reason)  # and not a notice of it
        else:
            text = log.masked(row.text)[:2000]  # in this order: a secret across the cut must be found whole
            message = f"It is kept as a dead letter.\n\n{reason}\n\n```\n{text}\n```"
            operational.say("dead_letter", f"A notice of {alert} was refused", message, severity="error")

    return tell
