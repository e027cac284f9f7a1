"""The file of a spool: created for its owner only, opened so that it keeps what it acknowledged, checked for damage."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import time
from pathlib import Path
from typing import Any

from alertwrap.spool.checksum import checksum, is_whole

#: A file up to this size is checked whole when it is opened; beyond it the start would take seconds. There each row
#: is checked when it is read, and the whole when rows are missing.
_CHECKED_BYTES = 64 * 1024**2

#: What SQLite calls trouble of the disk, the permissions or the machine: it may pass, and nothing is moved aside.
_NOT_DAMAGE = (
    "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_NOMEM", "SQLITE_PERM",
    "SQLITE_INTERRUPT", "SQLITE_PROTOCOL",
)  # fmt: skip

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pending (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
  crc INTEGER);
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, digest BLOB NOT NULL, at INTEGER NOT NULL,
  repeats INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, reason TEXT NOT NULL,
  id TEXT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS open (key TEXT PRIMARY KEY, id TEXT NOT NULL, since TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, value TEXT NOT NULL, crc INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS letters (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
  crc INTEGER);
CREATE TABLE IF NOT EXISTS answers (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
  settled INTEGER NOT NULL DEFAULT 0, crc INTEGER);
"""
#: Tables of a few rows that are looked up by name, so that nobody would miss one.
_SMALL = ("memory", "answers", "open")
#: Tables whose rows carry a checksum; files of before have none, nor the column.
_CHECKED = ("pending", "letters", "memory", "answers")


#: What reading a damaged file raises; SQLite's messages quote the file, so even they may not be text.
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)


class SpoolUnusable(Exception):
    """The file cannot be a spool: a symlink, a foreign owner, a directory that cannot be written."""


def connect(path: Path) -> sqlite3.Connection:
    """Raises what is in UNREADABLE when the file is damaged."""
    checked = path.stat().st_size <= _CHECKED_BYTES
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    db.text_factory = _text
    try:
        _check_versions(path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA mmap_size = 0")
        db.executescript(_SCHEMA)
        _add_checksums(db)
        for table in ("",) if checked else _SMALL:
            require_integrity(db, table)
    except BaseException:
        db.close()
        raise
    return db


def require_integrity(db: sqlite3.Connection, table: str = "") -> None:
    """A look at every page, or at those of one table. Raises sqlite3.DatabaseError.

    Not the quick one: of an index that differs from its table, that says nothing.
    """
    verdict = db.execute(f"PRAGMA integrity_check({table or 1})").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def used_bytes(db: sqlite3.Connection) -> int:
    """Of the file, without its free pages. Raises sqlite3.DatabaseError where that makes no sense."""
    pages, free, size = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    if not 0 <= free <= pages:
        raise sqlite3.DatabaseError("the list of free pages is damaged")
    return int((pages - free) * size)


def _add_checksums(db: sqlite3.Connection) -> None:
    """Rows that are there already stay without one."""
    for table in _CHECKED:
        if "crc" not in {column[1] for column in db.execute(f"PRAGMA table_info({table})")}:
            db.execute(f"ALTER TABLE {table} ADD COLUMN crc INTEGER")


def _check_versions(path: Path) -> None:
    """With other numbers in these two bytes SQLite opens the file, and says for ever that it may only be read."""
    with path.open("rb") as file:
        header = file.read(20)
    if len(header) == 20 and not {header[18], header[19]} <= {1, 2}:
        raise sqlite3.DatabaseError("the file's header is damaged")


def _text(raw: bytes) -> str:
    """A flipped bit in a text must not stop the other rows."""
    return raw.decode("utf-8", "replace")


def prepare(path: Path) -> None:
    """Create the file for its owner only; refuse what somebody may have put in its place."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        kind = "a symlink" if path.is_symlink() else "unusable"
        raise SpoolUnusable(f"{path}: {kind}: {error.strerror}") from None
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise SpoolUnusable(f"{path}: expected a regular file of this user")
        os.fchmod(file, 0o600)
    finally:
        os.close(file)


def move_aside(path: Path) -> Path:
    """Keep a damaged file for people to look at, with what belongs to it; returns its new path."""
    aside = path.with_name(f"{path.name}.corrupt-{time.time_ns()}")
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{aside}{suffix}")
    return aside


def salvage(aside: Path, db: sqlite3.Connection) -> int:
    """Take over into `db` what can still be read of a damaged file; returns how many notices."""
    db.execute("BEGIN IMMEDIATE")
    taken = _take_over(aside, db, "pending")
    _take_over(aside, db, "letters")
    for table, fields in (("seen", "?, ?, ?, ?"), ("open", "?, ?, ?")):
        db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({fields})", _readable(aside, f"SELECT * FROM {table}"))  # noqa: S608
    memory = [row for row in _rows(aside, "memory", "name, value") if is_whole(row[-1], *_texts(row[:2]))]
    db.executemany("INSERT OR IGNORE INTO memory VALUES (?, ?, ?)", memory)
    for row in _rows(aside, "answers", "seq, id, body, settled"):
        if is_whole(row[-1], *_texts(row[1:3])):
            db.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?)", row)
        else:
            _set_aside(db, row[1], row[2])
    db.execute("COMMIT")
    return taken


def _take_over(aside: Path, db: sqlite3.Connection, table: str) -> int:
    """Rows that wait to be carried: what is whole, from both ends towards the damage."""
    first = _rows(aside, table, "id, body", "ORDER BY seq")
    last = _rows(aside, table, "id, body", "ORDER BY seq DESC")
    taken = 0
    for name, body, crc in dict.fromkeys((*first, *reversed(last))):
        if isinstance(name, str) and _is_object(body) and is_whole(crc, name, body):
            insert = f"INSERT INTO {table} (id, body, crc) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"  # noqa: S608
            taken += db.execute(insert, (name, body, checksum(name, body))).rowcount
        else:
            _set_aside(db, name, body)
    return taken


def _set_aside(db: sqlite3.Connection, name: Any, body: Any) -> None:
    """For people to look at: it is no longer what was written."""
    db.execute("INSERT INTO dead (at, reason, id, body) VALUES (0, 'damaged', ?, ?)", (str(name), str(body)))


def _rows(file: Path, table: str, fields: str, order: str = "") -> list[Any]:
    """These fields and the checksum, which is None in a file of before there were any."""
    found = _readable(file, f"SELECT {fields}, crc FROM {table} {order}")  # noqa: S608
    return found or [(*row, None) for row in _readable(file, f"SELECT {fields} FROM {table} {order}")]  # noqa: S608


def _texts(values: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _readable(file: Path, query: str) -> list[Any]:
    """The rows before the first one that cannot be read."""
    rows: list[Any] = []
    with contextlib.suppress(*UNREADABLE), contextlib.closing(sqlite3.connect(file)) as old:
        old.text_factory = _text
        rows.extend(old.execute(query))
    return rows


def _is_object(body: Any) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, TypeError, RecursionError):
        return False


def is_damage(error: Exception) -> bool:
    """Whether the file is at fault, and not the disk or whoever else uses it."""
    name = getattr(error, "sqlite_errorname", "") or ""
    return not name.startswith(_NOT_DAMAGE)
