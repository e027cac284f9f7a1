"""All SQL of the notifier but the hot write, which stands in append.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from notifier.cursor import Cursor
from notifier.entry import Entry
from notifier.tables import event, journal, state, trimmed


@dataclass(frozen=True, slots=True)
class Item:
    """One entity of a topic's state."""

    key: str
    data: str | None
    at: datetime


def open_journal(connection: Connection, epoch: str) -> Cursor:
    """The journal's epoch and newest offset; a new journal starts with `epoch`."""
    if connection.execute(select(journal.c.number)).first() is None:
        connection.execute(insert(journal).values(number=1, epoch=epoch, last=0))
    return head(connection)


def head(connection: Connection) -> Cursor:
    """The epoch and the newest offset."""
    row = connection.execute(select(journal.c.epoch, journal.c.last)).one()
    return Cursor(row.epoch, row.last)


def events_between(connection: Connection, topic: str | None, after: int, upto: int, limit: int) -> list[Entry]:
    """Past events with `after < offset <= upto`, in order; of all topics when `topic` is None."""
    epoch = head(connection).epoch
    question = select(event).where(event.c.number > after, event.c.number <= upto)
    if topic is not None:
        question = question.where(event.c.topic == topic)
    rows = connection.execute(question.order_by(event.c.number).limit(limit))
    return [
        Entry(Cursor(epoch, row.number), row.id, row.topic, row.key, row.action, row.data, row.at or row.stored_at)
        for row in rows
    ]


def events_since(connection: Connection, topic: str, after: int, upto: int, limit: int) -> list[Entry] | None:
    """As `events_between`, or None when some after `after` were trimmed. Trimming is looked at last, so that
    what a concurrent trim took between the two questions is noticed."""
    found = events_between(connection, topic, after, upto, limit)
    floor = connection.execute(select(trimmed.c.number).where(trimmed.c.topic == topic)).scalar() or 0
    return found if after >= floor else None


def snapshot(connection: Connection, topic: str, prefix: str, newest: int | None) -> tuple[Cursor, list[Item]]:
    """The state of `topic` under `prefix` and the offset it is of, as one look. `newest` limits it to the latest."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    at_head = head(connection)
    question = _of_topic(topic, prefix)
    if newest is not None:  # to find them numbers are sorted, not whole rows: of ten thousand that costs a fifth
        numbers = _of_topic(topic, prefix).with_only_columns(state.c.number).order_by(state.c.number.desc())
        question = question.where(state.c.number.in_(numbers.limit(newest))).order_by(state.c.number.desc())
    else:
        question = question.order_by(state.c.key)
    return at_head, [_item(row) for row in connection.execute(question)]


def state_page(connection: Connection, topic: str, prefix: str, after: str, limit: int) -> tuple[Cursor, list[Item]]:
    """The next `limit` entities of `topic` with keys greater than `after`."""
    at_head = head(connection)
    question = _of_topic(topic, prefix).where(state.c.key > after).order_by(state.c.key).limit(limit)
    return at_head, [_item(row) for row in connection.execute(question)]


def topics(connection: Connection) -> list[str]:
    """All topics with events in their window or entities in their state."""
    found = select(event.c.topic).union(select(state.c.topic)).order_by("topic")
    return list(connection.execute(found).scalars())


def beyond_window(connection: Connection, topic: str, keep: int, oldest: datetime, limit: int) -> int | None:
    """The newest of the first `limit` events of `topic` that are not among its newest `keep` or were stored before
    `oldest`; None when there are none. Offsets grow with time, so these are a head of the list."""
    of_topic = select(event.c.number, event.c.stored_at).where(event.c.topic == topic)
    beyond = connection.execute(of_topic.order_by(event.c.number.desc()).offset(keep).limit(1)).scalar() or 0
    first = connection.execute(of_topic.order_by(event.c.number).limit(limit))
    return max((row.number for row in first if row.number <= beyond or row.stored_at < oldest), default=None)


def trim_events(connection: Connection, topic: str, upto: int) -> None:
    """Forget the events of `topic` up to this offset, and that they can no longer be resumed from."""
    connection.execute(delete(event).where(event.c.topic == topic, event.c.number <= upto))
    values = {"topic": topic, "number": upto}
    connection.execute(_upsert(connection, trimmed, ["topic"], ["number"]), [values])


def expire_state(connection: Connection, topic: str, oldest: datetime, limit: int) -> int:
    """Forget up to `limit` entities of `topic` that were last changed before `oldest`; nobody is told."""
    doomed = select(state.c.number).where(state.c.topic == topic, state.c.stored_at < oldest)
    numbers = list(connection.execute(doomed.order_by(state.c.number).limit(limit)).scalars())
    if numbers:
        connection.execute(delete(state).where(state.c.topic == topic, state.c.number.in_(numbers)))
    return len(numbers)


def _upsert(connection: Connection, table: Any, keys: list[str], columns: list[str]) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: statement.excluded[name] for name in columns}
    )


def _of_topic(topic: str, prefix: str) -> Select[Any]:
    question = select(
        state.c.key, state.c.data, func.coalesce(state.c.at, state.c.stored_at, type_=state.c.at.type).label("at")
    )
    question = question.where(state.c.topic == topic)
    if prefix:
        # The next text after all that begin with the prefix; keys compare by bytes, and prefixes end in "/".
        question = question.where(state.c.key >= prefix, state.c.key < prefix[:-1] + chr(ord(prefix[-1]) + 1))
    return question


def _item(row: Row[Any]) -> Item:
    return Item(row.key, row.data, row.at)
