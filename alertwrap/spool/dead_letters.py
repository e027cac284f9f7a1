"""Dead letters in the spool's file: what will not be delivered, kept for people to look at."""

from __future__ import annotations

import sqlite3
import time

#: The newest that are kept: what is garbage must not take the room of what is accepted.
MOST_ROWS, MOST_BYTES = 10_000, 128 * 1024**2


def bury(db: sqlite3.Connection, reason: str, name: str | None, body: str) -> None:
    insert = "INSERT INTO dead (at, reason, id, body) VALUES (?, ?, ?, ?)"
    newest = db.execute(insert, (int(time.time()), reason, name, body)).lastrowid or 0
    db.execute("DELETE FROM dead WHERE seq <= ?", (newest - MOST_ROWS,))


def listed(db: sqlite3.Connection) -> list[tuple[str, str | None, str]]:
    """Oldest first: (reason, id, body)."""
    return db.execute("SELECT reason, id, body FROM dead ORDER BY seq").fetchall()


def trim(db: sqlite3.Connection) -> None:
    """Forget the oldest of those that are too large together."""
    sizes = "SELECT seq, sum(length(CAST(body AS BLOB))) OVER (ORDER BY seq DESC) AS size FROM dead"
    db.execute(f"DELETE FROM dead WHERE seq <= (SELECT max(seq) FROM ({sizes}) WHERE size > ?)", (MOST_BYTES,))  # noqa: S608
