"""What the spool's file remembers by name: the alert's state, its configs of the last time, and what else outlives us.

A value that has changed since it was written is forgotten: a wrong checkpoint would skip what nobody has said.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from alertwrap.spool.checksum import checksum, is_whole
from alertwrap.spool.entries import StateChange

#: Under this name stands what the alert saved last.
STATE = "state"
#: The whole state, as it stands in line 1 beside the configs.
STATE_BYTES = 640 * 1024


def recall(db: sqlite3.Connection, name: str) -> Any:
    """The value, or None."""
    found = db.execute("SELECT value, crc FROM memory WHERE name = ?", (name,)).fetchone()
    if found is None or not is_whole(found[1], name, found[0]):
        return None
    try:
        return json.loads(found[0])
    except ValueError:  # salvaged from a damaged file
        return None


def remember(db: sqlite3.Connection, name: str, value: Any) -> None:
    """Keep one JSON value; None forgets it."""
    if value is None:
        db.execute("DELETE FROM memory WHERE name = ?", (name,))
    else:
        text = json.dumps(value)
        db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", (name, text, checksum(name, text)))


def change_state(db: sqlite3.Connection, change: StateChange) -> bool:
    """Whether it was taken; the whole must fit into line 1."""
    state = change.value
    if change.key is not None:
        saved = recall(db, STATE)
        others = dict(saved) if isinstance(saved, dict) else {}
        others.pop(change.key, None)
        state = others if change.value is None else {**others, change.key: change.value}
    if len(json.dumps(state)) > STATE_BYTES:
        return False
    remember(db, STATE, state)
    return True


def look_over(db: sqlite3.Connection) -> list[str]:
    """Forget what is damaged; returns the names, as they stand there now."""
    rows = db.execute("SELECT name, value, crc FROM memory").fetchall()
    damaged = [(name, crc) for name, value, crc in rows if not is_whole(crc, name, value)]
    # By the checksum: a row whose name has changed is no longer found by it.
    db.executemany("DELETE FROM memory WHERE crc = ?", [(crc,) for _, crc in damaged])
    return [name for name, _ in damaged]
