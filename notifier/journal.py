"""The journal: the latest state of each key, a window of past events, and offsets in the order of the commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from notifier import store
from notifier.append import Appended, Arrival, append
from notifier.cursor import Cursor
from notifier.entry import Entry
from notifier.store import Item
from service_kit.batch import Status
from service_kit.commit import GroupCommit
from service_kit.database import Database
from service_kit.faults import faultpoint
from wire.ids import new_id
from wire.times import utc_now

MIGRATIONS = Path(__file__).parent / "migrations"
#: Events read at once: some ten kilobytes, a millisecond.
PAGE = 200

Tell = Callable[[Sequence[Entry]], None]


class Journal:
    """Opened by `open_journal`. After each commit it tells, in order, before anyone's append returns."""

    def __init__(self, database: Database, start: Cursor) -> None:
        self.database = database
        self.start = start
        self.tell: Tell = lambda entries: None
        self._told = start.offset
        self._intake = GroupCommit(self._commit)

    @property
    def epoch(self) -> str:
        return self.start.epoch

    async def append(self, arrivals: Sequence[Arrival]) -> Sequence[Status]:
        """Returns when all are durable: "accepted", "duplicate" or "conflict" for each."""
        return await self._intake.add(arrivals)

    async def snapshot(self, topic: str, prefix: str, newest: int | None) -> tuple[Cursor, list[Item]]:
        """The state as of one offset."""
        return await self.database.read(store.snapshot, topic, prefix, newest)

    async def page(self, topic: str, prefix: str, after: str, limit: int) -> tuple[Cursor, list[Item]]:
        """One page of the state, by key."""
        return await self.database.read(store.state_page, topic, prefix, after, limit)

    async def since(self, topic: str, after: int, upto: int) -> list[Entry] | None:
        """At most PAGE events of `topic` with `after < offset <= upto`; None when the window starts later."""
        return await self.database.read(store.events_since, topic, after, upto, PAGE)

    async def _commit(self, arrivals: Sequence[Arrival]) -> Sequence[Status]:
        appended: Appended = await self.database.write(append, arrivals, utc_now())
        faultpoint("notifier.after-commit")
        await self._tell_what_was_missed(appended)
        if appended.entries:
            self.tell(appended.entries)
            self._told = appended.last
        faultpoint("notifier.after-tell")
        return appended.verdicts

    async def _tell_what_was_missed(self, appended: Appended) -> None:
        """A commit whose report was lost may have been made: its events are in the table, and told to no one."""
        upto = appended.last - len(appended.entries)
        while self._told < upto:
            missed = await self.database.read(store.events_between, None, self._told, upto, PAGE)
            self.tell(missed)
            self._told = missed[-1].offset if missed else upto


async def open_journal(database: Database) -> Journal:
    """The journal in `database`; made, with a new epoch, when there is none."""
    epoch = new_id().replace("-", "")
    return Journal(database, await database.write(store.open_journal, epoch))
