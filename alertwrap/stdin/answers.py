"""What people answered to this alert in a chat. Neither coalesced nor lost: kept until the alert has dealt with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from alertwrap.run.conversation import Checkpoint
from alertwrap.spool import dead_letters
from alertwrap.spool.checksum import checksum, is_whole
from alertwrap.spool.spool import Spool

#: Answers that are remembered after they were dealt with, so that a snapshot does not bring them again.
_SETTLED_ROWS = 100_000
#: Answers that wait for an alert; beyond that it has not looked for a very long time, and new ones are refused.
WAITING_ROWS = 10_000
#: Under this name the spool remembers that the alert says itself what it has dealt with.
_CHECKPOINTS = "checkpoints"
#: What stands in an `answer` line; everything else of the event stays here.
_FIELDS = ("channel", "chat", "from", "text", "command", "button", "notice", "entity", "attachments")


class Answers:
    """Kept in the alert's spool. For every thread; raises SpoolFull where it writes."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    @property
    def checkpoints(self) -> Checkpoint | None:
        """By what the alert has ever said by itself how far it is."""
        kept = self._spool.recall(_CHECKPOINTS)
        if kept == "ack":
            return "ack"
        return "state" if kept or self._spool.state() is not None else None

    def take(self, answers: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
        """Keep what is new of these (id, event data); returns the ids of the new ones."""
        rows = [(name, json.dumps(_told(data))) for name, data in answers]
        return self._spool.transact(lambda db: _insert(db, rows)) if rows else []

    def waiting(self) -> list[str]:
        """The ids that the alert has not dealt with, oldest first."""
        query = "SELECT id FROM answers WHERE NOT settled ORDER BY seq"
        return self._spool.transact(lambda db: [name for (name,) in db.execute(query)])

    def find(self, name: str) -> dict[str, Any] | None:
        """The fields of an answer, dealt with or not."""
        found = self._spool.transact(lambda db: self._found(db, name))
        try:
            value = json.loads(found[0]) if found else None
        except ValueError:  # salvaged from a damaged file
            return None
        return value if isinstance(value, dict) else None

    def _found(self, db: sqlite3.Connection, name: str) -> Any:
        found = db.execute("SELECT body, crc FROM answers WHERE id = ?", (name,)).fetchone()
        if found is None or is_whole(found[1], name, found[0]):
            return found
        dead_letters.bury(db, "damaged", name, found[0])
        self._spool.report(f"the answer {name} had changed since it was written, and is not told")
        return None

    def settle(self, names: Iterable[str], said: Checkpoint | None) -> None:
        """The alert has dealt with these; `said`: by what it said so itself, None: it was only told of them."""
        rows = [(name,) for name in names]
        if said is not None and said != self.checkpoints:
            self._spool.remember(_CHECKPOINTS, said)
        self._spool.transact(lambda db: _settle(db, rows))


def _insert(db: sqlite3.Connection, rows: list[tuple[str, str]]) -> list[str]:
    new: list[str] = []
    room = WAITING_ROWS - int(db.execute("SELECT count(*) FROM answers WHERE NOT settled").fetchone()[0])
    for row in rows:
        insert = "INSERT OR IGNORE INTO answers (id, body, crc) VALUES (?, ?, ?)"
        if len(new) < room and db.execute(insert, (*row, checksum(*row))).rowcount:
            new.append(row[0])
    return new


def _settle(db: sqlite3.Connection, rows: list[tuple[str]]) -> None:
    db.executemany("UPDATE answers SET settled = 1 WHERE id = ?", rows)
    oldest = "SELECT seq FROM answers WHERE settled ORDER BY seq DESC LIMIT 1 OFFSET ?"
    db.execute(f"DELETE FROM answers WHERE settled AND seq <= ({oldest})", (_SETTLED_ROWS,))  # noqa: S608


def _told(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in _FIELDS if data.get(name) is not None}
