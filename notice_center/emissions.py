"""SQL of emissions: append what alerts said, once for each id, in commit order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import Connection, func, select, text

from notice_center.tables import emission, outcome
from service_kit.faults import faultpoint
from service_kit.times import micros
from wire.notice import Notice
from wire.times import utc_now

#: An id and the JSON text that came with it.
Row = tuple[str, str]
Status = Literal["accepted", "duplicate", "conflict"]

#: Appends take turns, so that numbers become visible in their order and a reader that moves its cursor misses none.
_TURN = text("SELECT pg_advisory_xact_lock(1852798051)")
_CLOCK = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
# Many rows in one statement: the driver lets other threads in at each statement, and waits to be let in again.
_ROWS_AT_ONCE = 250
_INSERT_ONE = "INSERT INTO emission (seq, id, body, received_at) VALUES (?,?,?,?) ON CONFLICT (id) DO NOTHING"
_INSERT_MANY = _INSERT_ONE.replace("(?,?,?,?)", ",".join(["(?,?,?,?)"] * _ROWS_AT_ONCE))
_INSERT_POSTGRES = """
    INSERT INTO emission (seq, id, body, received_at)
    SELECT seq, id, body, %s FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (seq, id, body)
    ON CONFLICT (id) DO NOTHING
"""
_ACCEPTED: Status = "accepted"


@dataclass(frozen=True)
class Appended:
    """One status for each row, in order, and the greatest number given so far."""

    statuses: Sequence[Status]
    last: int


def append(connection: Connection, rows: Sequence[Row]) -> Appended:
    """Store `rows`. An id that is there with the same content is a duplicate, with other content a conflict."""
    insert = _insert_sqlite if connection.dialect.name == "sqlite" else _insert_postgres
    before, new = insert(connection, rows)
    faultpoint("intake.inserted")
    if new == len(rows):
        return Appended([_ACCEPTED] * new, before + new)
    return Appended(_compare(connection, rows, before), last_accepted(connection))


def last_accepted(connection: Connection) -> int:
    """The greatest number given; 0 before the first."""
    return connection.execute(select(func.max(emission.c.seq))).scalar() or 0


def last_folded(connection: Connection) -> int:
    """How far folding has come; 0 before the first."""
    return connection.execute(select(func.max(outcome.c.seq))).scalar() or 0


def first_since(connection: Connection, at: datetime) -> int:
    """The least number of what came at `at` or later. Times grow with numbers, so halving finds it without an index."""
    low, high = 0, last_accepted(connection) + 1
    while low < high:
        middle = (low + high) // 2
        following = select(emission.c.seq, emission.c.received_at).where(emission.c.seq >= middle)
        row = connection.execute(following.order_by(emission.c.seq).limit(1)).one_or_none()
        if row is None or row.received_at >= at:
            high = middle
        else:
            low = row.seq + 1
    return low


def _insert_sqlite(connection: Connection, rows: Sequence[Row]) -> tuple[int, int]:
    """The greatest number before, and how many rows were new. On the raw driver: nothing else here is as hot."""
    raw: Any = connection.connection.driver_connection
    before = raw.execute("SELECT coalesce(max(seq), 0) FROM emission").fetchone()[0]
    at = micros(utc_now())
    values = [(seq, id_, body, at) for seq, (id_, body) in enumerate(rows, before + 1)]
    whole = len(values) - len(values) % _ROWS_AT_ONCE
    new = 0
    for start in range(0, whole, _ROWS_AT_ONCE):
        new += raw.execute(_INSERT_MANY, [*chain(*values[start : start + _ROWS_AT_ONCE])]).rowcount
    if whole < len(values):
        new += raw.executemany(_INSERT_ONE, values[whole:]).rowcount
    return before, new


def _insert_postgres(connection: Connection, rows: Sequence[Row]) -> tuple[int, int]:
    connection.execute(_TURN)
    before = last_accepted(connection)
    at = connection.execute(_CLOCK).scalar_one()
    ids, bodies = [row[0] for row in rows], [row[1] for row in rows]
    numbers = list(range(before + 1, before + 1 + len(rows)))
    return before, connection.exec_driver_sql(_INSERT_POSTGRES, (at, numbers, ids, bodies)).rowcount


def _compare(connection: Connection, rows: Sequence[Row], before: int) -> list[Status]:
    """Some ids were there before, or came twice in this group: tell which, and whether they say the same."""
    stored = _stored(connection, [id_ for id_, _ in rows])
    statuses: list[Status] = []
    for number, (id_, body) in enumerate(rows, before + 1):
        seq, first = stored[id_]
        if seq == number:
            statuses.append("accepted")
        else:
            statuses.append("duplicate" if body == first or _same(body, first) else "conflict")
    return statuses


#: SQLite takes 32,766 bound values; fewer plan faster.
_IDS_AT_ONCE = 500


def _stored(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[start : start + _IDS_AT_ONCE]
        columns = select(emission.c.id, emission.c.seq, emission.c.body).where(emission.c.id.in_(some))
        found |= {row.id: (row.seq, row.body) for row in connection.execute(columns)}
    return found


def _same(body: str, other: str) -> bool:
    """Whether two texts say the same notice: order of keys, white space and aliases make no difference."""
    try:
        return Notice.model_validate_json(body) == Notice.model_validate_json(other)
    except ValidationError:
        return False
