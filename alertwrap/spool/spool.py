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

from alertwrap.spool import dead_letters, open_conditions, seen_ids
from alertwrap.spool import memory as spool_memory
from alertwrap.spool.batch import Batch, Table
from alertwrap.spool.checksum import is_whole
from alertwrap.spool.entries import Accepted, Entry, Row
from alertwrap.spool.file import (
    UNREADABLE,
    SpoolUnusable,
    connect,
    is_damage,
    move_aside,
    prepare,
    require_integrity,
    salvage,
    used_bytes,
)
from alertwrap.spool.open_conditions import OpenConditions
from alertwrap.spool.sorting import sort_in
from service_kit.faults import faultpoint
from service_kit.secrets import mask

#: Bytes on disk at which the alert is no longer read, and blocks.
QUOTA = 1024**3
#: Room beyond the quota for what the wrapper itself has to say.
_RESERVE = 16 * 1024**2
_LAST = "SELECT coalesce(max(seq), 0) FROM pending"
T = TypeVar("T")


class SpoolFull(Exception):
    """No room: the quota is used up, or the disk is full. Nothing of the batch was accepted."""


class Spool:
    """Safe to use from every thread of the process. `masked` takes the secrets out of what is kept for people."""

    def __init__(self, path: Path, *, quota: int = QUOTA, masked: Callable[[str], str] = mask) -> None:
        self.path = path
        self.quota = quota
        self._masked = masked
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
        self._mending(lambda: self._remove([(row.seq,)], table, lambda: self._keep(reason, row.id, row.text)))

    def first_waiting(self) -> int | None:
        """The number of the oldest notice that is not delivered; None: all are."""
        gone, query = self._gone["pending"], "SELECT seq FROM pending ORDER BY seq"
        return self._mending(lambda: next((seq for (seq,) in self._db.execute(query) if seq not in gone), None))

    def dead(self) -> list[tuple[str, str | None, str]]:
        """The dead letters, oldest first: (reason, id, body), without the secrets that are known by now."""
        kept = self._mending(lambda: dead_letters.listed(self._db))
        return [(reason, name, self._masked(body)) for reason, name, body in kept]

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
        return self._mending(lambda: used_bytes(self._db)) / self.quota

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
        size, gone, seen = 0, self._gone[table], 0
        limit = rows + len(gone)
        query = f"SELECT seq, id, body, crc FROM {table} WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
        for seq, name, body, crc in self._db.execute(query, (after, limit)):
            seen += 1
            if seq in gone:
                continue
            readable = isinstance(name, str) and isinstance(body, str)
            size += len(body) if readable else 0
            if len(found) == rows or (found and size > max_bytes):
                seen = limit
                break
            if readable and is_whole(crc, name, body):
                found.append(Row(seq, name, f'{{"id":{json.dumps(name)},{body[1:]}'))
            else:
                damaged.append((seq, str(name), str(body)))
        if after == 0 and seen < limit and len(found) + len(damaged) < self.waiting[table]:  # to the end, and too few
            self._recount(table)
        if damaged:
            self._set_aside(damaged, table)
        return found

    def _recount(self, table: Table) -> None:
        """Fewer rows than there should be: where the file is at fault, SQLite has passed over some without a word."""
        require_integrity(self._db)
        self.waiting[table] = self._count()[table] - len(self._gone[table])

    def _set_aside(self, damaged: list[tuple[int, str, str]], table: Table) -> None:
        """What is no longer what was accepted must not go out as if it were.

        Where the pages are damaged too, writing there would overwrite what is whole.
        """
        require_integrity(self._db)

        def bury() -> None:
            for _, name, body in damaged:
                self._keep("damaged", name, body)

        self._remove([(seq,) for seq, _, _ in damaged], table, bury)
        self.report(f"{len(damaged)} of what waits here had changed since it was written, and are dead letters now")

    def _keep(self, reason: str, name: str, body: str) -> None:
        """As a dead letter, which stays when the rest has long been delivered: without secrets."""
        dead_letters.bury(self._db, self._masked(reason), name, self._masked(body))

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

    def _remove(self, seqs: list[tuple[int]], table: Table, also: Callable[[], None] = lambda: None) -> None:
        with self._transaction():
            also()
            gone = self._db.executemany(f"DELETE FROM {table} WHERE seq = ?", seqs).rowcount  # noqa: S608
        self.waiting[table] -= max(gone, 0)

    def _append(self, entries: Sequence[Entry], limit: int) -> Accepted:
        if used_bytes(self._db) > limit:
            raise SpoolFull(f"the spool has reached its quota of {self.quota} bytes")
        batch = Batch()
        with self._transaction():
            for entry in entries:
                sort_in(self._db, entry, batch)
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
