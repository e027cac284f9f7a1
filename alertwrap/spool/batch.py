"""What a batch of entries comes to while the spool sorts it."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

from alertwrap.spool.checksum import checksum
from alertwrap.spool.entries import Emission
from wire.ids import new_id

#: What waits to be carried: notices, and letters to the message sender.
Table = Literal["pending", "letters"]
#: In one statement: half the price of a statement each.
_ROWS_AT_ONCE = 100


@dataclass
class Batch:
    """`rows` are new; `notices` counts those that were looked at, and `vanished` are the places of the repeats."""

    rows: dict[Table, list[tuple[str, str]]] = field(default_factory=lambda: {"letters": [], "pending": []})
    opened: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    conflicts: list[str] = field(default_factory=list)
    vanished: list[int] = field(default_factory=list)
    now: int = field(default_factory=lambda: int(time.time()))
    notices: int = 0
    repeated: int = 0
    states: int = 0
    refused_states: list[int] = field(default_factory=list)
    _prefix: str = ""
    _minted: int = 0

    def mint(self) -> str:
        """A UUIDv7 that sorts behind the one before. The last 16 of its random bits count: a tenth of the work."""
        if self._minted & 0xFFFF == 0:
            self._prefix = new_id()[:-4]
        name = f"{self._prefix}{self._minted & 0xFFFF:04x}"
        self._minted += 1
        return name

    def write(self, db: sqlite3.Connection) -> None:
        """Put what is new into its tables, within a transaction."""
        for table, pairs in self.rows.items():
            rows = [(name, body, checksum(name, body)) for name, body in pairs]
            insert = f"INSERT INTO {table} (id, body, crc) VALUES (?,?,?)"  # noqa: S608
            many = insert + ",(?,?,?)" * (_ROWS_AT_ONCE - 1)
            whole = len(rows) - len(rows) % _ROWS_AT_ONCE
            for start in range(0, whole, _ROWS_AT_ONCE):
                db.execute(many, [*chain.from_iterable(rows[start : start + _ROWS_AT_ONCE])])
            db.executemany(insert, rows[whole:])

    def take(self, name: str, entry: Emission) -> None:
        self.rows["pending"].append((name, entry.body))
        if entry.key is not None and entry.firing:
            self.opened.setdefault(entry.key, name)
        elif entry.key is not None:
            self.opened.pop(entry.key, None)
            self.closed.add(entry.key)
