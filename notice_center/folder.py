"""The folder: turns emissions into notices, in order, behind intake.

Folding waits until configs and recipients are known, however long that takes: an emission folded without them would
reach nobody, and nobody would know. Intake never waits for folding; it only says no when far too much has piled up.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import structlog

from notice_center import emissions, fold_store
from notice_center.directory import Directories
from notice_center.fold_store import Report
from notice_center.progress import Progress
from service_kit.database import Database
from service_kit.problems import Unavailable

log = structlog.get_logger()

#: One transaction's worth: in a flood the commits of intake wait behind ours, so they are short then.
_BATCH, _FLOOD_BATCH = 500, 100
#: A flood: so much waits, and intake stored something this recently.
_FLOOD, _FLOOD_SECONDS = 1_000, 0.5
#: Then we rest three times as long as we worked; less, the nearer intake is to having to say no.
_REST = 3.0
#: Another process may have accepted something: look this often without a hint.
_POLL_SECONDS = 5.0
_SYNC_POLL_SECONDS = 0.05
#: An emission that fails so often by itself is set aside.
_TRIES = 5
_RETRY_SECONDS = 0.2


class Folder:
    """`run` for ever. `on_steps` and `on_events` are called when there are new ones."""

    def __init__(
        self,
        database: Database,
        directories: Directories,
        progress: Progress,
        on_steps: Callable[[], None],
        on_events: Callable[[], None],
        max_backlog: int,
    ) -> None:
        self._database = database
        self._directories = directories
        self._progress = progress
        self._on_steps = on_steps
        self._on_events = on_events
        self._max_backlog = max_backlog
        self._failures = 0
        self._singly = 0

    async def run(self) -> None:
        """Fold what is there, then wait for more; cancel to stop."""
        while True:
            self._progress.hint.clear()  # before looking: a hint during the look must not be lost
            if self._directories.missing:
                await asyncio.sleep(_SYNC_POLL_SECONDS)
            elif not await self._fold_or_recover():
                await self._wait()

    async def fold_once(self) -> int:
        """Fold one batch; returns how many emissions it held."""
        flood = is_flood(self._progress.backlog, self._progress.quiet_for())
        started = time.monotonic()
        limit = 1 if self._singly else _FLOOD_BATCH if flood else _BATCH
        report = await self._database.write(fold_store.fold_batch, self._directories.now, limit)
        self._tell(report)
        self._singly = max(0, self._singly - report.count)
        if flood and report.count:
            await asyncio.sleep(rest(time.monotonic() - started, self._progress.backlog, self._max_backlog))
        return report.count

    async def _fold_or_recover(self) -> bool:
        """Whether there may be more to do at once."""
        try:
            count = await self.fold_once()
            self._failures = 0
            return count > 0
        except Unavailable as error:
            log.warning("folding waits for the storage", error=str(error))
            await asyncio.sleep(_RETRY_SECONDS)
        except Exception as error:
            await self._failed(error)
        return True

    async def _failed(self, error: Exception) -> None:
        """One by one through the batch that failed; the emission that fails by itself gets some tries."""
        if not self._singly:
            self._singly = _BATCH
            return
        self._failures += 1
        if self._failures < _TRIES:
            await asyncio.sleep(_RETRY_SECONDS)
            return
        seq = await self._database.read(fold_store.next_seq)
        log.error("an emission cannot be folded and is set aside", seq=seq, exc_info=error)
        if seq is not None:
            await self._database.write(fold_store.set_aside, seq, f"{type(error).__name__}: {error}"[:1000])
        self._tell(Report(await self._database.read(emissions.last_folded), 0))
        self._failures = 0

    def _tell(self, report: Report) -> None:
        self._progress.folded_up_to(report.folded_to)
        if report.steps:
            self._on_steps()
        if report.events:
            self._on_events()

    async def _wait(self) -> None:
        # not wait_for: in Python 3.11 it may swallow a cancellation that comes together with the hint
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await self._progress.hint.wait()


def is_flood(backlog: int, quiet: float) -> bool:
    """Whether intake needs the disk more than folding does. `quiet`: seconds since intake last stored something."""
    return backlog > _FLOOD and quiet < _FLOOD_SECONDS


def rest(worked: float, backlog: int, max_backlog: int) -> float:
    """Seconds that are left to intake after so many of folding."""
    return worked * _REST * max(0.0, 1 - backlog / max_backlog)
