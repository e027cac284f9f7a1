"""How far intake and folding have come, by sequence number: who waits for what, and when there is too much."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry, Gauge


class Progress:
    """Told by intake (`accepted_up_to`) and by the folder (`folded_up_to`)."""

    def __init__(self, accepted: int, folded: int) -> None:
        self.accepted = accepted
        self.folded = folded
        self.hint = asyncio.Event()
        self._accepted_at = 0.0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def backlog(self) -> int:
        """Emissions that are stored and not yet folded."""
        return self.accepted - self.folded

    def accepted_up_to(self, seq: int) -> None:
        self.accepted = max(self.accepted, seq)
        self._accepted_at = time.monotonic()
        self.hint.set()

    def folded_up_to(self, seq: int) -> None:
        self.folded = max(self.folded, seq)
        self.accepted = max(self.accepted, seq)
        still = []
        for target, future in self._waiting:
            if target > seq:
                still.append((target, future))
            elif not future.done():
                future.set_result(None)
        self._waiting = still

    def quiet_for(self) -> float:
        """Seconds since intake last stored something."""
        return time.monotonic() - self._accepted_at

    async def folded_to(self, seq: int, patience: float) -> bool:
        """Wait until `seq` is folded, for `patience` seconds at most; returns whether it is."""
        if self.folded >= seq:
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seq, future))
        self.hint.set()
        try:
            async with asyncio.timeout(patience):
                await future
        except TimeoutError:
            self._waiting = [waiting for waiting in self._waiting if waiting[1] is not future]
            return False
        return True


def watch_backlog(registry: CollectorRegistry, progress: Progress) -> None:
    """Show the backlog in the metrics."""
    gauge = Gauge("alertwrap_notices_backlog", "Notices stored and not yet worked through.", registry=registry)
    gauge.set_function(lambda: progress.backlog)
