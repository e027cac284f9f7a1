"""The spool: what an alert said and the notice center does not have yet. Accepted means committed here, with fsync.

One SQLite file per alert, one connection for the whole process behind one lock: a second writer could meet SQLite's
WAL-reset bug (versions before 3.51.3), and there is no need for one.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from alertwrap import dead_letters, open_conditions, seen_ids, spool_memory
from alertwrap.checksum import is_whole
from alertwrap.entries import Accepted, Emission, Entry, Letter, Row, StateChange
from alertwrap.open_conditions import OpenConditions
from alertwrap.spool_batch import Batch, Table
from alertwrap.spool_file import UNREADABLE, SpoolUnusable, connect, is_damage, move_aside, prepare, salvage
from service_kit.faults import faultpoint
from wire.ids import new_id

#: Bytes on disk at which the alert is no longer read, and blocks.
QUOTA = 1024**3
#: Room beyond the quota for what the wrapper itself has to say.
_RESERVE = 16 * 1024**2
_LAST = "SELECT coalesce(max(seq), 0) FROM pending"
T = TypeVar("T")


class SpoolFull(Exception):
    """No room: the quota is used up, or the disk is full. Nothing of the batch was accepted."""


class Spool:
    """Safe to use from every thread of the process."""

    def __init__(self, path: Path, *, quota: int = QUOTA) -> None:
        self.path = path
        self.quota = quota
        self.recovered: str | None = None
        self.on_recovered: Callable[[str], None] = lambda _: None
        self._lock = threading.RLock()
        self._open = OpenConditions()
        self._damage: list[str] = []
        self._gone: dict[Table, set[int]] = {"pending": set(), "letters": set()}
        prepare(path)
        try:
            self._db = connect(path)
        except UNREADABLE as error:
            if not is_damage(error):
                raise SpoolUnusable(f"{path}: {error}") from error
            self._start_afresh(error)
        self.waiting: dict[Table, int] = self._mending(self._count)
        with contextlib.suppress(SpoolFull):  # what cannot be taken out now is not whole the next time either
            self._mending(self._look_over)

    @property
    def pending_count(self) -> int:
        """Notices not yet delivered."""
        return self.waiting["pending"]

    def append(self, entries: Sequence[Entry], *, reserved: bool = False) -> Accepted:
        """Commit a batch, in order, all or nothing. `reserved`: may use the room beyond the quota.

        Raises SpoolFull, and then nothing was accepted.
        """
        limit = self.quota + (_RESERVE if reserved else 0)
        accepted = self._mending(lambda: self._append(entries, limit))
        for table in [table for table, gone in self._gone.items() if gone]:
            self.done((), table)  # there is room again
        return accepted

    def pending(self, rows: int, max_bytes: int, after: int = 0, table: Table = "pending") -> list[Row]:
        """The oldest not yet delivered: at most `rows`, and `max_bytes` beyond the first."""
        return self._mending(lambda: self._pending(rows, max_bytes, after, table))

    def done(self, seqs: Iterable[int], table: Table = "pending") -> None:
        """These have arrived. When that cannot be written down now, it is known until the end of the process."""
        gone = set(seqs)
        self._mending(lambda: self._done(gone, table))

    def bury(self, row: Row, reason: str, table: Table = "pending") -> None:
        """This one will never be taken: to the dead letters, out of the way of the others."""
        self._mending(
            lambda: self._remove([(row.seq,)], table, lambda: dead_letters.bury(self._db, reason, row.id, row.text))
        )

    def first_waiting(self) -> int | None:
        """The number of the oldest notice that is not delivered; None: all are."""
        gone = self._gone["pending"]
        return self._mending(lambda: next((seq for seq in self._seqs() if seq not in gone), None))

    def dead(self) -> list[tuple[str, str | None, str]]:
        """The dead letters, oldest first: (reason, id, body)."""
        return self._mending(lambda: dead_letters.listed(self._db))

    def state(self) -> Any:
        """What the alert saved last, or None."""
        return self.recall(spool_memory.STATE)

    def open(self) -> list[dict[str, str]]:
        """The conditions that the alert has opened and not closed: `key`, `id` of the first notice, `since`."""
        return self._mending(lambda: open_conditions.listed(self._db))

    def recall(self, name: str) -> Any:
        """What `remember` kept under this name, or None."""
        return self._mending(lambda: spool_memory.recall(self._db, name))

    def remember(self, name: str, value: Any) -> None:
        """Keep one JSON value under a name; None forgets it. Raises SpoolFull when that cannot be written now."""
        self.transact(lambda db: spool_memory.remember(db, name, value))

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` on the file as one transaction, for those who keep a table of their own in it. Raises SpoolFull."""

        def within() -> T:
            with self._transaction():
                return work(self._db)

        return self._mending(within)

    def used(self) -> float:
        """The part of the quota that is used, 0 to 1 and a little more."""
        with self._lock:
            return self._bytes() / self.quota

    def trim(self) -> None:
        """Forget old ids, old dead letters, old open conditions. Raises SpoolFull when that cannot be done now."""
        self.transact(self._trim)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _mending(self, work: Callable[[], T]) -> T:
        """Do it; a damaged file is replaced, and it is done on the new one."""
        with self._lock:
            try:
                return work()
            except UNREADABLE as error:
                if not is_damage(error):
                    raise SpoolFull(str(error)) from error
                self._start_afresh(error)
                return work()
            finally:
                if self._damage and not self._db.in_transaction:  # telling it is a transaction of its own
                    damage, self._damage = self._damage, []
                    self.on_recovered("; ".join(damage))

    def _trim(self, db: sqlite3.Connection) -> None:
        seen_ids.trim(db)
        self._open.trim(db)
        dead_letters.trim(db)

    def _look_over(self) -> None:
        """What is found by a name that the disk has changed would be missed by nobody."""
        damaged = spool_memory.look_over(self._db)
        if damaged:
            self.report(f"what was remembered had changed since it was written, and is forgotten: {damaged}")

    def _pending(self, rows: int, max_bytes: int, after: int, table: Table) -> list[Row]:
        found: list[Row] = []
        damaged: list[tuple[int, str, str]] = []
        size, gone = 0, self._gone[table]
        query = f"SELECT seq, id, body, crc FROM {table} WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        for seq, name, body, crc in self._db.execute(query, (after, rows + len(gone))):
            if seq in gone:
                continue
            size += len(body)
            if len(found) == rows or (found and size > max_bytes):
                break
            if is_whole(crc, name, body):
                found.append(Row(seq, name, f'{{"id":{json.dumps(name)},{body[1:]}'))
            else:
                damaged.append((seq, name, body))
        if damaged:
            self._set_aside(damaged, table)
        return found

    def _set_aside(self, damaged: list[tuple[int, str, str]], table: Table) -> None:
        """What is no longer what was accepted must not go out as if it were."""

        def bury() -> None:
            for _, name, body in damaged:
                dead_letters.bury(self._db, "damaged", name, body)

        self._remove([(seq,) for seq, _, _ in damaged], table, bury)
        self.report(f"{len(damaged)} of what waits here had changed since it was written, and are dead letters now")

    def report(self, damage: str) -> None:
        """Something in the file is not what was written."""
        self.recovered = f"{self.recovered}; {damage}" if self.recovered else damage
        self._damage.append(damage)

    def _done(self, seqs: set[int], table: Table) -> None:
        """A disk that is full must not keep the rest from being delivered."""
        gone = self._gone[table]
        try:
            self._remove([(seq,) for seq in seqs | gone], table)
        except sqlite3.Error as error:
            if is_damage(error):
                raise
            self.waiting[table] -= len(seqs - gone)
            gone |= seqs
        else:
            self.waiting[table] += len(gone)  # they were not counted any more
            gone.clear()

    def _seqs(self) -> Iterator[int]:
        return (seq for (seq,) in self._db.execute("SELECT seq FROM pending ORDER BY seq"))

    def _remove(self, seqs: list[tuple[int]], table: Table, also: Callable[[], None] = lambda: None) -> None:
        with self._transaction():
            also()
            gone = self._db.executemany(f"DELETE FROM {table} WHERE seq = ?", seqs).rowcount  # noqa: S608
        self.waiting[table] -= max(gone, 0)

    def _append(self, entries: Sequence[Entry], limit: int) -> Accepted:
        if self._bytes() > limit:
            raise SpoolFull(f"the spool has reached its quota of {self.quota} bytes")
        batch = Batch()
        with self._transaction():
            for entry in entries:
                self._sort_in(entry, batch)
            batch.write(self._db)
            last = int(self._one("SELECT last_insert_rowid()" if batch.rows["pending"] else _LAST))
            self._open.track(self._db, batch.opened, batch.closed)
            faultpoint("spool.before_commit")
        faultpoint("spool.after_commit")
        self._open.tracked(batch.opened, batch.closed)
        for table, rows in batch.rows.items():
            self.waiting[table] += len(rows)
        return Accepted(
            len(batch.rows["pending"]), batch.repeated, tuple(batch.conflicts), tuple(batch.refused_states), last,
            tuple(batch.vanished),
        )  # fmt: skip

    def _sort_in(self, entry: Entry, batch: Batch) -> None:
        if isinstance(entry, Emission):
            name = seen_ids.accept(self._db, entry.id, entry.body, "pending", batch) if entry.id else batch.mint()
            if name is None:
                batch.vanished.append(batch.notices)
            else:
                batch.take(name, entry)
            batch.notices += 1
        elif isinstance(entry, StateChange):
            if not spool_memory.change_state(self._db, entry):
                batch.refused_states.append(batch.states)
            batch.states += 1
        elif isinstance(entry, Letter):
            # Notices and letters travel to different places: one id may stand for one of each.
            name = (
                seen_ids.accept(self._db, entry.id, entry.body, "letters", batch, "letter/") if entry.id else new_id()
            )
            batch.rows["letters"] += [] if name is None else [(name, entry.body)]
        else:
            dead_letters.bury(self._db, entry.reason, None, entry.raw)

    def _bytes(self) -> int:
        pages = int(self._one("PRAGMA page_count")) - int(self._one("PRAGMA freelist_count"))
        return pages * int(self._one("PRAGMA page_size"))

    def _count(self) -> dict[Table, int]:
        tables: tuple[Table, ...] = ("pending", "letters")
        return {table: int(self._one(f"SELECT count(*) FROM {table}")) for table in tables}  # noqa: S608

    def _one(self, query: str, *values: Any) -> Any:
        return self._db.execute(query, values).fetchone()[0]

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def _start_afresh(self, error: Exception) -> None:
        """A corrupt file is moved aside, what can still be read of it is taken over, and it is reported."""
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self._db.close()
        aside = move_aside(self.path)
        prepare(self.path)
        self._open.forget()
        for gone in self._gone.values():
            gone.clear()  # what is taken over has other numbers, and comes again
        self._db = connect(self.path)
        saved = salvage(aside, self._db)
        self.waiting = self._count()
        self.report(f"{error}; moved aside to {aside.name}; {saved} notices taken over")
