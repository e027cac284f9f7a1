"""The journal's tables."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from service_kit.times import Time

metadata = MetaData()

#: Byte order on both databases: pages and prefixes of keys mean the same.
_KEY = Text().with_variant(Text(collation="C"), "postgresql")

#: One row. `last` is the offset of the newest event; its row lock makes offsets grow in commit order.
journal = Table(
    "journal",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Text, nullable=False),
    Column("last", BigInteger, nullable=False),
)

#: The window of past events. `at` is the producer's time, or null; `stored_at` is ours.
event = Table(
    "event",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("key", _KEY, nullable=False),
    Column("action", Text, nullable=False),
    Column("data", Text),
    Column("at", Time),
    Column("stored_at", Time, nullable=False),
    Index("event_topic", "topic", "number"),
)

#: The latest state of each key that was not deleted, and the event that made it.
state = Table(
    "state",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("key", _KEY, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False, index=True),
    Column("data", Text),
    Column("at", Time),
    Column("stored_at", Time, nullable=False),
    Index("state_newest", "topic", "number"),
)

#: How far each topic's window was trimmed: a cursor before `number` cannot be resumed from.
trimmed = Table(
    "trimmed",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
