"""The tables of the notice center.

emission ──fold──▶ notice ──▶ inbox_entry (one for each recipient)
    └──▶ outcome (what became of it)   └──▶ step (one for each channel of a config) ──forwarder──▶ decision
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint

from service_kit.outbox import outbox_table
from service_kit.times import Time

metadata = MetaData()
_Number = BigInteger().with_variant(Integer, "sqlite")

#: What alerts said: append-only. `seq` grows in commit order, `body` is the JSON text as it was sent.
emission = Table(
    "emission",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("body", Text, nullable=False),
    Column("received_at", Time, nullable=False),
)

#: What became of each emission. The greatest `seq` here is how far folding has come.
outcome = Table(
    "outcome",
    metadata,
    Column("seq", _Number, primary_key=True, autoincrement=False),
    Column("notice", _Number),
    Column("effect", Text, nullable=False),
    Column("reason", Text),
    Index("outcome_notice", "notice", "seq"),
)

#: `number` is the seq of the emission that opened it, so newer notices have greater numbers. `round` counts how often
#: it asked for attention: 1, and one more each time that its severity rose. `search` is case-folded text.
notice = Table(
    "notice",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("alert", Text, nullable=False),
    Column("key", Text),
    Column("config", Text),
    Column("status", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("entity", Text),
    Column("url", Text),
    Column("labels", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("attachments", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("fired_seq", _Number, nullable=False),
    Column("fired_at", Time, nullable=False),
    Column("starts_at", Time),
    Column("ends_at", Time),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("search", Text, nullable=False),
)
_OPEN = (notice.c.status == "firing") & notice.c.key.is_not(None)
Index("notice_created", notice.c.created_at, notice.c.number, notice.c.severity, notice.c.alert)
Index("notice_open", notice.c.alert, notice.c.key, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)

#: A notice as one recipient has it.
entry = Table(
    "inbox_entry",
    metadata,
    Column("recipient", Text, primary_key=True),
    Column("notice", _Number, ForeignKey("notice.number", ondelete="CASCADE"), primary_key=True),
    Column("created_at", Time, nullable=False),
    Column("read_at", Time),
    Column("acknowledged_at", Time),
    Column("acknowledge_note", Text),
    Column("archived_at", Time),
)
#: Also answers whether a notice was read without looking into the table.
Index("inbox_entry_notice", entry.c.notice, entry.c.created_at, entry.c.read_at, entry.c.archived_at)
_UNREAD = entry.c.read_at.is_(None) & entry.c.archived_at.is_(None)
Index("inbox_entry_unread", entry.c.recipient, entry.c.notice, sqlite_where=_UNREAD, postgresql_where=_UNREAD)

#: One channel of a config for one round of a notice. `wake_at`: when someone has to look at it next; a claim moves it
#: behind its lease. `fence` grows with each claim, and only the latest claim may finish.
step = Table(
    "step",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("notice", _Number, ForeignKey("notice.number", ondelete="CASCADE"), nullable=False),
    Column("config", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("wake_at", Time, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text),
    Index("step_notice", "notice"),
)
_PENDING = step.c.state == "pending"
Index("step_wake", step.c.wake_at, sqlite_where=_PENDING, postgresql_where=_PENDING)

#: What the forwarder decided for one receiver of a step, and why.
decision = Table(
    "decision",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=True),
    Column("notice", _Number, ForeignKey("notice.number", ondelete="CASCADE"), nullable=False),
    Column("config", Text),
    Column("channel", Text),
    Column("round", Integer, nullable=False),
    Column("recipient", Text),
    Column("address", Text),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text),
    Column("at", Time, nullable=False),
    Column("revision", Integer),  # of the config, when it was decided
    Index("decision_notice", "notice"),
    Index("decision_at", "at", "verdict", "reason"),
    Index("decision_recipient", "recipient", "id"),
)

outbox = outbox_table(metadata)

#: An act of a person on many entries, so that it can be repeated without harm, and undone. `id` is the caller's;
#: `request` is what was asked; `reached` is the number up to which it has come; `restored` is set by the undo.
act = Table(
    "inbox_act",
    metadata,
    Column("number", _Number, primary_key=True, autoincrement=True),
    Column("recipient", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("as_of", _Number, nullable=False),
    Column("reached", _Number, nullable=False),
    Column("touched", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("restored", Integer, nullable=False),
    UniqueConstraint("recipient", "id"),
    Index("inbox_act_at", "at"),
)

#: What an act found: the mark that it replaced, and the round of the notice, which a later one makes stale.
touch = Table(
    "inbox_touch",
    metadata,
    Column("act", _Number, ForeignKey("inbox_act.number", ondelete="CASCADE"), primary_key=True),
    Column("notice", _Number, primary_key=True, autoincrement=False),
    Column("was", Time),
    Column("round", Integer, nullable=False),
)
