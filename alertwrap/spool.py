"""The spool: what an alert said and the notice center does not have yet. Accepted means committed here, with fsync.

One SQLite file per alert, one connection for the whole process behind one lock: a second writer could meet SQLite's
WAL-reset bug (versions before 3.51.3), and there is no need for one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from service_kit.faults import faultpoint
from wire.ids import new_id
from wire.times import rfc3339, utc_now

#: Bytes on disk at which the alert is no longer read, and blocks.
QUOTA = 1024**3
#: Room beyond the quota for what the wrapper itself has to say.
_RESERVE = 16 * 1024**2
#: Ids that an alert chose are remembered this long and this many of them, so that repeats vanish.
_REMEMBER_SECONDS, _REMEMBER_ROWS = 30 * 86400, 1_000_000
#: Dead letters kept for people to look at.
_DEAD_ROWS = 10_000
#: Open conditions that line 1 lists; an alert with more of them keeps its own books.
_OPEN_ROWS = 1_000
#: A file up to this size is checked whole when it is opened; beyond it the start would take seconds.
_CHECKED_BYTES = 64 * 1024**2

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pending (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, digest BLOB NOT NULL, at INTEGER NOT NULL,
  repeats INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, reason TEXT NOT NULL,
  id TEXT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS open (key TEXT PRIMARY KEY, id TEXT NOT NULL, since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_STATE = "state"


class SpoolFull(Exception):
    """No room: the quota is used up, or the disk is full. Nothing of the batch was accepted."""


class SpoolUnusable(Exception):
    """The file cannot be a spool: a symlink, a foreign owner, a directory that cannot be written."""


class Emission(NamedTuple):
    """One notice to accept. `id` is the alert's own, or None to mint one; `body` is a JSON object without an id.

    With a `key`, it opens (`firing`) or closes that condition.
    """

    id: str | None
    body: str
    key: str | None = None
    firing: bool = True


class Burial(NamedTuple):
    """Something that will not be delivered, kept for people to look at."""

    reason: str
    raw: str


class StateChange(NamedTuple):
    """The alert's checkpoint. Without a `key` the whole state is replaced; a `value` of None deletes the key."""

    key: str | None
    value: Any


Entry = Emission | Burial | StateChange


class Row(NamedTuple):
    """An accepted notice on its way. `text` is its JSON object, id included."""

    seq: int
    id: str
    text: str


@dataclass(frozen=True)
class Accepted:
    """What became of a batch: accepted notices, repeats that vanished, ids that clashed with another content."""

    new: int = 0
    repeated: int = 0
    conflicts: tuple[str, ...] = ()


class Spool:
    """Open with `Spool.open`; safe to use from every thread of the process."""

    def __init__(self, path: Path, *, quota: int = QUOTA) -> None:
        self.path = path
        self.quota = quota
        self.recovered: str | None = None
        self._lock = threading.RLock()
        _prepare(path)
        try:
            self._db = _connect(path)
        except sqlite3.DatabaseError as error:
            self._start_afresh(error)
        self.pending_count = int(self._one("SELECT count(*) FROM pending"))

    def append(self, entries: Sequence[Entry], *, reserved: bool = False) -> Accepted:
        """Commit a batch, in order, all or nothing. `reserved`: may use the room beyond the quota.

        Raises SpoolFull, and then nothing was accepted.
        """
        with self._lock:
            try:
                return self._append(entries, self.quota + (_RESERVE if reserved else 0))
            except sqlite3.OperationalError as error:
                raise SpoolFull(str(error)) from error
            except sqlite3.DatabaseError as error:
                self._start_afresh(error)
                return self._append(entries, self.quota)

    def pending(self, rows: int, max_bytes: int, after: int = 0) -> list[Row]:
        """The oldest notices not yet delivered: at most `rows`, and `max_bytes` beyond the first."""
        with self._lock:
            found: list[Row] = []
            size = 0
            query = "SELECT seq, id, body FROM pending WHERE seq > ? ORDER BY seq LIMIT ?"
            for seq, name, body in self._db.execute(query, (after, rows)):
                size += len(body)
                if found and size > max_bytes:
                    break
                found.append(Row(seq, name, f'{{"id":{json.dumps(name)},{body[1:]}'))
            return found

    def done(self, seqs: Iterable[int]) -> None:
        """The notice center has these."""
        with self._transaction():
            gone = self._db.executemany("DELETE FROM pending WHERE seq = ?", [(seq,) for seq in seqs]).rowcount
        self.pending_count -= max(gone, 0)

    def bury(self, row: Row, reason: str) -> None:
        """The notice center will never take this one: to the dead letters, out of the way of the others."""
        with self._transaction():
            self._bury(reason, row.id, row.text)
            gone = self._db.execute("DELETE FROM pending WHERE seq = ?", (row.seq,)).rowcount
        self.pending_count -= gone

    def dead(self) -> list[tuple[str, str | None, str]]:
        """The dead letters, oldest first: (reason, id, body)."""
        with self._lock:
            return self._db.execute("SELECT reason, id, body FROM dead ORDER BY seq").fetchall()

    def state(self) -> Any:
        """What the alert saved last, or None."""
        return self.recall(_STATE)

    def open(self) -> list[dict[str, str]]:
        """The conditions that the alert has opened and not closed: `key`, `id` of the first notice, `since`."""
        with self._lock:
            found = self._db.execute("SELECT key, id, since FROM open ORDER BY since LIMIT ?", (_OPEN_ROWS,))
            return [{"key": key, "id": name, "since": since} for key, name, since in found]

    def recall(self, name: str) -> Any:
        """What `remember` kept under this name, or None."""
        with self._lock:
            found = self._db.execute("SELECT value FROM memory WHERE name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else None

    def remember(self, name: str, value: Any) -> None:
        """Keep one JSON value under a name; None forgets it."""
        with self._transaction():
            self._remember(name, value)

    def used(self) -> float:
        """The part of the quota that is used, 0 to 1 and a little more."""
        with self._lock:
            return self._bytes() / self.quota

    def trim(self) -> None:
        """Forget old ids and old dead letters."""
        oldest = int(time.time()) - _REMEMBER_SECONDS
        with self._transaction():
            self._db.execute("DELETE FROM seen WHERE at < ?", (oldest,))
            self._db.execute(
                "DELETE FROM seen WHERE id IN (SELECT id FROM seen ORDER BY at DESC LIMIT -1 OFFSET ?)",
                (_REMEMBER_ROWS,),
            )
            self._db.execute("DELETE FROM dead WHERE seq <= (SELECT max(seq) FROM dead) - ?", (_DEAD_ROWS,))

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _append(self, entries: Sequence[Entry], limit: int) -> Accepted:
        if self._bytes() > limit:
            raise SpoolFull(f"the spool has reached its quota of {self.quota} bytes")
        new = repeated = 0
        conflicts: list[str] = []
        now = int(time.time())
        with self._transaction():
            for entry in entries:
                if isinstance(entry, Emission):
                    name = self._unseen(entry, now, conflicts) if entry.id else new_id()
                    if name is None:
                        repeated += 1
                        continue
                    self._db.execute("INSERT INTO pending (id, body) VALUES (?, ?)", (name, entry.body))
                    if entry.key is not None:
                        self._track(entry.key, name, entry.firing)
                    new += 1
                elif isinstance(entry, StateChange):
                    self._change_state(entry)
                else:
                    self._bury(entry.reason, None, entry.raw)
            faultpoint("spool.before_commit")
        faultpoint("spool.after_commit")
        self.pending_count += new
        return Accepted(new, repeated, tuple(conflicts))

    def _unseen(self, entry: Emission, now: int, conflicts: list[str]) -> str | None:
        """The id to accept it under, or None when this very content was accepted before."""
        digest = hashlib.blake2b(entry.body.encode(), digest_size=16).digest()
        for name in (entry.id, f"{entry.id}~{digest.hex()[:12]}"):
            assert name is not None
            insert = "INSERT INTO seen (id, digest, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            if self._db.execute(insert, (name, digest, now)).rowcount:
                return name
            if self._one("SELECT digest FROM seen WHERE id = ?", name) == digest:
                self._db.execute("UPDATE seen SET repeats = repeats + 1 WHERE id = ?", (name,))
                return None
            conflicts.append(name)
        return new_id()

    def _track(self, key: str, name: str, firing: bool) -> None:
        if firing:
            self._db.execute("INSERT OR IGNORE INTO open VALUES (?, ?, ?)", (key, name, rfc3339(utc_now())))
        else:
            self._db.execute("DELETE FROM open WHERE key = ?", (key,))

    def _change_state(self, change: StateChange) -> None:
        if change.key is None:
            self._remember(_STATE, change.value)
            return
        state = self.state()
        state = state if isinstance(state, dict) else {}
        state.pop(change.key, None)
        self._remember(_STATE, state if change.value is None else {**state, change.key: change.value})

    def _remember(self, name: str, value: Any) -> None:
        if value is None:
            self._db.execute("DELETE FROM memory WHERE name = ?", (name,))
        else:
            self._db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (name, json.dumps(value)))

    def _bury(self, reason: str, name: str | None, body: str) -> None:
        values = (int(time.time()), reason, name, body)
        self._db.execute("INSERT INTO dead (at, reason, id, body) VALUES (?, ?, ?, ?)", values)

    def _bytes(self) -> int:
        pages = int(self._one("PRAGMA page_count")) - int(self._one("PRAGMA freelist_count"))
        return pages * int(self._one("PRAGMA page_size"))

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

    def _start_afresh(self, error: sqlite3.DatabaseError) -> None:
        """A corrupt file is moved aside, what can still be read of it is taken over, and it is reported."""
        with contextlib.suppress(AttributeError, sqlite3.Error):
            self._db.close()
        aside = self.path.with_name(f"{self.path.name}.corrupt-{time.time_ns()}")
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{self.path}{suffix}", f"{aside}{suffix}")
        _prepare(self.path)
        self._db = _connect(self.path)
        saved = self._salvage(aside)
        self.recovered = f"{error}; moved aside to {aside.name}; {saved} notices taken over"

    def _salvage(self, aside: Path) -> int:
        taken = 0
        for order in ("ASC", "DESC"):  # from both ends towards the damage
            with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(aside)) as old:
                for name, body in old.execute(f"SELECT id, body FROM pending ORDER BY seq {order}"):  # noqa: S608
                    insert = "INSERT INTO pending (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING"
                    taken += self._db.execute(insert, (name, body)).rowcount
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(aside)) as old:
            self._db.executemany("INSERT OR IGNORE INTO memory VALUES (?, ?)", old.execute("SELECT * FROM memory"))
            self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", old.execute("SELECT * FROM seen"))
        return taken


def _connect(path: Path) -> sqlite3.Connection:
    """Raises sqlite3.DatabaseError when the file is damaged."""
    checked = path.stat().st_size <= _CHECKED_BYTES
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA mmap_size = 0")
        db.executescript(_SCHEMA)
        verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0] if checked else "ok"
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(path: Path) -> None:
    """Create the file for its owner only; refuse what somebody may have put in its place."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        kind: Literal["a symlink", "unusable"] = "a symlink" if path.is_symlink() else "unusable"
        raise SpoolUnusable(f"{path}: {kind}: {error.strerror}") from None
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise SpoolUnusable(f"{path}: expected a regular file of this user")
        os.fchmod(file, 0o600)
    finally:
        os.close(file)
