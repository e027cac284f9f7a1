"""The hot write: a group of events into the journal, by few plain statements, since each costs more than its rows.

Statements go to the driver as text; `?` becomes the driver's own mark.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from notifier.cursor import Cursor
from notifier.entry import Entry
from service_kit.batch import Status
from service_kit.faults import faultpoint
from service_kit.times import from_micros, micros

#: The row lock on PostgreSQL, and the write lock on SQLite, make offsets grow in the order of the commits.
_HEAD = {
    "sqlite": "SELECT epoch, last FROM journal",
    "postgresql": "SELECT epoch, last FROM journal FOR UPDATE",
}
_ONE_OF = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(?)"}
_KNOWN = (
    "SELECT id, topic, key, action, data, at FROM event WHERE id {0}"
    " UNION ALL SELECT event_id, topic, key, NULL, data, at FROM state WHERE event_id {0}"
)
_INSERT = "INSERT INTO event (number, id, topic, key, action, data, at, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_PUT = (
    "INSERT INTO state (number, event_id, topic, key, data, at, stored_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (topic, key) DO UPDATE SET number = excluded.number, event_id = excluded.event_id,"
    " data = excluded.data, at = excluded.at, stored_at = excluded.stored_at"
)
_REMOVE = "DELETE FROM state WHERE topic = ? AND key = ?"
_ADVANCE = "UPDATE journal SET last = ?"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event on its way in: it has its id; `data` is JSON text that every reader can parse.

    `action` is None for what the state remembers of an event that has left the window.
    """

    id: str
    topic: str
    key: str
    action: str | None
    data: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a group, in its order; `entries` are the new ones; `last` is the journal's newest offset."""

    verdicts: list[Status]
    entries: list[Entry]
    last: int


def append(connection: Connection, arrivals: Sequence[Arrival], now: datetime) -> Appended:
    """Add what is new; same id and content is a duplicate, same id and other content a conflict."""
    epoch, last = connection.exec_driver_sql(_HEAD[connection.dialect.name]).one()
    known = _known(connection, arrivals)
    verdicts: list[Status] = []
    new: list[Arrival] = []
    for arrival in arrivals:
        before = known.setdefault(arrival.id, arrival)
        if before is arrival:
            new.append(arrival)
            verdicts.append("accepted")
        else:
            verdicts.append("duplicate" if same(before, arrival) else "conflict")
    if new:
        _insert(connection, list(enumerate(new, last + 1)), micros(now))
    faultpoint("notifier.before-commit")
    entries = [
        Entry(Cursor(epoch, number), it.id, it.topic, it.key, it.action or "", it.data, it.at or now)
        for number, it in enumerate(new, last + 1)
    ]
    return Appended(verdicts, entries, last + len(new))


def same(before: Arrival, now: Arrival) -> bool:
    """Whether two events under one id say the same. A producer's time counts only when both have one."""
    return (
        (before.topic, before.key) == (now.topic, now.key)
        and before.action in (None, now.action)
        and (before.at is None or now.at is None or before.at == now.at)
        and (before.data == now.data or _parsed(before.data) == _parsed(now.data))
    )


def _known(connection: Connection, arrivals: Sequence[Arrival]) -> dict[str, Arrival]:
    """What was accepted before under these ids, as far as it is remembered: the window wins over the state."""
    if not arrivals:
        return {}
    ids: Any = [arrival.id for arrival in arrivals]
    if connection.dialect.name == "sqlite":
        ids = json.dumps(ids)
    rows = _run(connection, _KNOWN.format(_ONE_OF[connection.dialect.name]), (ids, ids))
    known: dict[str, Arrival] = {}
    for name, topic, key, action, data, at in rows:
        if action is not None or name not in known:
            known[name] = Arrival(name, topic, key, action, data, None if at is None else from_micros(at))
    return known


def _insert(connection: Connection, new: Sequence[tuple[int, Arrival]], now: int) -> None:
    events, latest = [], {}
    for number, it in new:
        at = None if it.at is None else micros(it.at)
        events.append((number, it.id, it.topic, it.key, it.action, it.data, at, now))
        latest[it.topic, it.key] = (number, it, at)
    _run(connection, _INSERT, events)
    gone = [place for place, (_, it, _) in latest.items() if it.action == "deleted"]
    there = [
        (number, it.id, it.topic, it.key, it.data, at, now)
        for number, it, at in latest.values()
        if it.action != "deleted"
    ]
    if gone:
        _run(connection, _REMOVE, gone)
    if there:
        _run(connection, _PUT, there)
    _run(connection, _ADVANCE, (new[-1][0],))


def _run(connection: Connection, statement: str, values: Any) -> Any:
    if connection.dialect.name == "postgresql":
        statement = statement.replace("?", "%s")
    return connection.exec_driver_sql(statement, values)


def _parsed(data: str | None) -> Any:
    return None if data is None else json.loads(data)
