"""The courier: carries what the spools hold to the notice center, for ever, in order, one batch at a time.

One thread for all alerts of the process. Order holds per alert, and so per key: a batch is sent only after the one
before it is settled. What is refused for good goes to the dead letters, so that it does not stop the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from alertwrap.delivery.post import Answer, NoAnswer
from alertwrap.delivery.retry import Judgement, backoff, judge
from alertwrap.log import Log
from alertwrap.spool.entries import Row
from alertwrap.spool.spool import SpoolFull
from service_kit.faults import faultpoint
from wire.times import utc_now

PATH = "/api/v1/notices"
#: Notices in one request; the larger when more is waiting than the smaller would carry.
BATCH, BACKLOG_BATCH = 100, 1_000
_BATCH_BYTES = 4 * 1024 * 1024
#: Old ids are forgotten so often, also while the center is away.
_TRIM_SECONDS = 3600.0


class Post(Protocol):
    """Sends one body; raises NoAnswer."""

    def post(self, body: bytes) -> Answer: ...

    def end_by(self, at: float) -> None: ...

    def close(self) -> None: ...


class Load(Protocol):
    """What waits in a spool to be carried."""

    @property
    def pending_count(self) -> int: ...

    def pending(self, rows: int, max_bytes: int) -> list[Row]: ...

    def done(self, seqs: Iterable[int]) -> None: ...

    def bury(self, row: Row, reason: str) -> None: ...

    def trim(self) -> None: ...


@dataclass(frozen=True)
class Route:
    """What is carried; whom to tell of a notice that is refused for good, and of each delivery."""

    spool: Load
    on_dead: Callable[[Row, str], None]
    on_done: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class _Item:
    route: Route
    row: Row


class _NotNow(Exception):
    """The rest must wait. `after`: the seconds that the server asked for."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(judgement.reason)
        self.judgement = judgement


class Courier:
    """`run` is a thread's main; `wake` says that a spool has something new."""

    def __init__(self, poster: Post, log: Log, random: Random) -> None:
        self._poster = poster
        self._log = log
        self._random = random
        self._routes: list[Route] = []
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._until = float("inf")
        self._failures = self._turn = 0
        self._next_trim = time.monotonic() + _TRIM_SECONDS

    def carry(self, route: Route) -> None:
        """From now on deliver what this spool holds."""
        self._routes.append(route)
        self.wake()

    def drop(self, route: Route) -> None:
        """Carry this one no more."""
        self._routes.remove(route)

    def wake(self) -> None:
        """There is something new."""
        self._awake.set()

    def stop(self, grace: float) -> None:
        """Deliver for `grace` seconds more at most, then end; the rest stays in the spools."""
        self._until = time.monotonic() + grace
        self._poster.end_by(self._until)
        self._stopping.set()
        self.wake()

    def run(self) -> None:
        """Until stopped."""
        try:
            while not self._over():
                self._awake.clear()
                self._trim()
                if not self.deliver_some():
                    self._rest()
        finally:
            self._poster.close()

    def deliver_some(self) -> bool:
        """One round: a batch of all spools. Whether there may be more to do at once."""
        try:
            items = self._collect()
            if not items:
                return False
            self._deliver(items)
        except SpoolFull as error:  # it was delivered, and cannot be marked so: later it is a duplicate
            self._wait(Judgement("again", f"spool: {error}"))
        except _NotNow as error:
            self._wait(error.judgement)
        else:
            self._recovered()
        return True

    def _collect(self) -> list[_Item]:
        waiting = sum(route.spool.pending_count for route in self._routes)
        limit = BATCH if waiting <= BATCH else BACKLOG_BATCH
        share = max(1, limit // max(1, sum(route.spool.pending_count > 0 for route in self._routes)))
        items: list[_Item] = []
        size = 0
        for route in self._in_turn():
            if route.spool.pending_count:
                rows = route.spool.pending(share, _BATCH_BYTES // max(1, len(self._routes)))
                items += [_Item(route, row) for row in rows]
                size += sum(len(row.text) for row in rows)
            if len(items) >= limit or size >= _BATCH_BYTES:  # a single letter with its files may be larger
                break
        return items[:limit]

    def _in_turn(self) -> Sequence[Route]:
        """Every route, each time another one first: where not all fit into a batch nobody is always the last."""
        routes = tuple(self._routes)
        self._turn = (self._turn + 1) % max(1, len(routes))
        return routes[self._turn :] + routes[: self._turn]

    def _deliver(self, items: Sequence[_Item]) -> None:
        """Settle all of these, or raise _NotNow; what is settled by then stays settled."""
        judgement = self._ask(items)
        if judgement.action == "split":
            middle = len(items) // 2
            self._deliver(items[:middle])
            self._deliver(items[middle:])
        elif judgement.action == "settle":
            self._settle(items, judgement)
        else:
            raise _NotNow(judgement)

    def _ask(self, items: Sequence[_Item]) -> Judgement:
        body = "\n".join(item.row.text for item in items).encode()
        faultpoint("delivery.before_send")
        try:
            answer = self._poster.post(body)
        except NoAnswer as error:
            return Judgement("again", str(error))
        faultpoint("delivery.after_answer")
        ids = [item.row.id for item in items]
        return judge(answer.status, answer.retry_after, answer.body, ids, utc_now())

    def _settle(self, items: Sequence[_Item], judgement: Judgement) -> None:
        faultpoint("delivery.before_done")
        for route in {id(item.route): item.route for item in items}.values():
            route.spool.done(i.row.seq for i in items if i.route is route and i.row.id in judgement.done)
        for item in items:
            if item.row.id in judgement.refused:
                item.route.spool.bury(item.row, judgement.refused[item.row.id])
                item.route.on_dead(item.row, judgement.refused[item.row.id])
        for route in {id(item.route): item.route for item in items}.values():
            route.on_done()

    def _wait(self, judgement: Judgement) -> None:
        delay = judgement.after if judgement.after is not None else backoff(self._failures, self._random)
        self._failures += 1
        write = self._log.error if judgement.action == "alarm" else self._log.warning
        waiting = sum(route.spool.pending_count for route in self._routes)
        write("notices wait", reason=judgement.reason, waiting=waiting, next_try_in=round(delay, 1))
        if self._stopping.is_set():
            time.sleep(max(0.0, min(delay, self._until - time.monotonic())))
        else:
            self._stopping.wait(delay)  # told to stop: one more try at once, it may be the last for long

    def _recovered(self) -> None:
        if self._failures:
            self._log.info("notices go out again", after_failures=self._failures)
        self._failures = 0

    def _rest(self) -> None:
        if self._stopping.is_set():
            return
        self._awake.wait(max(1.0, self._next_trim - time.monotonic()))

    def _trim(self) -> None:
        if time.monotonic() < self._next_trim:
            return
        self._next_trim = time.monotonic() + _TRIM_SECONDS
        for route in tuple(self._routes):
            try:
                route.spool.trim()
            except SpoolFull as error:
                self._log.warning("old ids are not forgotten yet", reason=error)

    def _over(self) -> bool:
        if not self._stopping.is_set():
            return False
        empty = not any(route.spool.pending_count for route in self._routes)
        return empty or time.monotonic() >= self._until
