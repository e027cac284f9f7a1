"""The conditions that an alert has opened and not closed, in the spool's file: line 1 lists them."""

from __future__ import annotations

import sqlite3

from wire.times import rfc3339, utc_now

#: So many are listed and remembered; an alert with more of them keeps its own books.
SHOWN, MOST_ROWS = 1_000, 100_000


class OpenConditions:
    """What is known to be open already need not be looked for. `track` within a transaction, `tracked` after it."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def forget(self) -> None:
        """The file is another one, or rows of it are gone."""
        self._known = set()

    def track(self, db: sqlite3.Connection, opened: dict[str, str], closed: set[str]) -> None:
        """Close these conditions, then open those (key → id), unless they are open already."""
        since = rfc3339(utc_now()) if opened else ""
        db.executemany("DELETE FROM open WHERE key = ?", [(key,) for key in closed])
        rows = [(key, name, since) for key, name in opened.items() if key not in self._known or key in closed]
        db.executemany("INSERT OR IGNORE INTO open VALUES (?, ?, ?)", rows)

    def tracked(self, opened: dict[str, str], closed: set[str]) -> None:
        self._known -= closed
        self._known |= opened.keys()

    def trim(self, db: sqlite3.Connection) -> None:
        """Forget the oldest beyond what is remembered."""
        self.forget()
        beyond = f"SELECT key FROM open ORDER BY since DESC LIMIT -1 OFFSET {MOST_ROWS}"  # noqa: S608
        db.execute(f"DELETE FROM open WHERE key IN ({beyond})")  # noqa: S608


def listed(db: sqlite3.Connection) -> list[dict[str, str]]:
    """`key`, `id` of the first notice, `since`; the oldest first."""
    found = db.execute("SELECT key, id, since FROM open ORDER BY since LIMIT ?", (SHOWN,))
    return [{"key": key, "id": name, "since": since} for key, name, since in found]
