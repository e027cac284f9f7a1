"""The ids that an alert chose, in the spool's file: the same again vanishes, also long after it was delivered."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time

from pydantic_core import to_json

from alertwrap.spool.batch import Batch, Table
from wire.ids import new_id

#: Remembered this long, and this many of them.
_SECONDS, _ROWS = 30 * 86400, 1_000_000
_CONFLICT = "id_conflict"


def flagged(body: str) -> str:
    """The notice of an id that was taken by another content says so in its labels."""
    notice = json.loads(body)
    labels = notice.get("labels", {})
    flags = ",".join(flag for flag in (labels.get("alertwrap"), _CONFLICT) if flag)
    return to_json({**notice, "labels": {**labels, "alertwrap": flags}}, inf_nan_mode="null").decode()


def accept(db: sqlite3.Connection, given: str, body: str, table: Table, batch: Batch, prefix: str = "") -> str | None:
    """The id to accept it under, or None when this very content was accepted before. `prefix` keeps tables apart."""
    digest = hashlib.blake2b(body.encode(), digest_size=16).digest()
    for name in (given, f"{given}~{digest.hex()[:12]}"):
        insert = "INSERT INTO seen (id, digest, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        new = db.execute(insert, (prefix + name, digest, batch.now)).rowcount
        # What is long forgotten, or was lost with a damaged file, may still be waiting to be delivered.
        query = f"SELECT body FROM {table} WHERE id = ?"  # noqa: S608
        waiting = db.execute(query, (name,)).fetchone() if new else None
        if new and waiting is None:
            return name
        if waiting in ((body,), (flagged(body),)) or (not new and _digest(db, prefix + name) == digest):
            db.execute("UPDATE seen SET repeats = repeats + 1 WHERE id = ?", (prefix + name,))
            batch.repeated += 1
            return None
        batch.conflicts.append(name)
    return new_id()


def trim(db: sqlite3.Connection) -> None:
    """Forget the oldest."""
    db.execute("DELETE FROM seen WHERE at < ?", (int(time.time()) - _SECONDS,))
    beyond = f"SELECT id FROM seen ORDER BY at DESC LIMIT -1 OFFSET {_ROWS}"  # noqa: S608
    db.execute(f"DELETE FROM seen WHERE id IN ({beyond})")  # noqa: S608


def _digest(db: sqlite3.Connection, name: str) -> bytes:
    found: bytes = db.execute("SELECT digest FROM seen WHERE id = ?", (name,)).fetchone()[0]
    return found
