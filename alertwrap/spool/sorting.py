"""What becomes of one entry: a row, nothing at all, a refusal, or a dead letter."""

from __future__ import annotations

import sqlite3

from alertwrap.spool import dead_letters, memory, seen_ids
from alertwrap.spool.batch import Batch
from alertwrap.spool.entries import Emission, Entry, Letter, StateChange
from wire.ids import new_id


def sort_in(db: sqlite3.Connection, entry: Entry, batch: Batch) -> None:
    """Into `batch`, or at once into `db`; inside of the transaction that commits both."""
    if isinstance(entry, Emission):
        _take(db, entry, batch)
    elif isinstance(entry, StateChange):
        if not memory.change_state(db, entry):
            batch.refused_states.append(batch.states)
        batch.states += 1
    elif isinstance(entry, Letter):
        # Notices and letters travel to different places: one id may stand for one of each.
        name = seen_ids.accept(db, entry.id, entry.body, "letters", batch, "letter/") if entry.id else new_id()
        batch.rows["letters"] += [] if name is None else [(name, entry.body)]
    else:
        dead_letters.bury(db, entry.reason, None, entry.raw)


def _take(db: sqlite3.Connection, entry: Emission, batch: Batch) -> None:
    name = seen_ids.accept(db, entry.id, entry.body, "pending", batch) if entry.id else batch.mint()
    if name is None:
        batch.vanished.append(batch.notices)
    elif entry.id is not None and name != entry.id:
        batch.take(name, entry._replace(body=seen_ids.flagged(entry.body)))
    else:
        batch.take(name, entry)
    batch.notices += 1
