"""The two tables: what is to be sent, and each try.

`due_at` carries the whole schedule. A pending message is due then; a message that is being sent is due again when
its lease ends, so rescuing what a dead worker held is the same question as finding what to send. Those that were
sent or are dead are not due at all.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

from service_kit.times import Time

metadata = MetaData()
_number = BigInteger().with_variant(Integer, "sqlite")
#: Few do, and the others cost nothing.
_REPLACING = text("replaces IS NOT NULL")

messages = Table(
    "messages",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("notice", Text),
    Column("body", Text, nullable=False),  # the wire message as JSON, without the contents of its files
    Column("contents", Text),  # of its files, by their place among the attachments, until it is sent
    Column("digest", Text, nullable=False),  # of the body, to tell a repeated id from a reused one
    Column("status", Text, nullable=False),  # pending, sending, sent, dead
    Column("due_at", Time),
    Column("fence", Integer, nullable=False),  # grows with each claim; who holds an older one has lost the message
    Column("attempts", Integer, nullable=False),  # since it was accepted or replayed
    Column("breakdowns", Integer, nullable=False),  # in a row: of our code, or of the process in mid-send
    Column("reason", Text),  # why it is not sent yet, or dead
    Column("reason_codes", Text),  # the same for programs, as JSON: [{"code", "params"}]
    Column("accepted_at", Time, nullable=False),
    Column("since", Time, nullable=False),  # accepted or replayed
    Column("finished_at", Time),
    Column("destination", Text),  # the host behind a URL: whom it would wait for
    Column("search", Text),  # masked address and title, case-folded
    Column("replaces", Text),  # the id of an earlier message
    Index("messages_due", "channel", "due_at"),
    Index("messages_notice", "notice", "number"),
    Index("messages_status", "status", "number"),
    Index("messages_finished", "finished_at"),
    Index("messages_channel", "channel", "number"),
    Index("messages_accepted", "accepted_at"),
    Index("messages_replaces", "replaces", sqlite_where=_REPLACING, postgresql_where=_REPLACING),
)

attempts = Table(
    "attempts",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("message", _number, ForeignKey("messages.number", ondelete="CASCADE"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("started_at", Time, nullable=False),
    Column("finished_at", Time),
    Column("outcome", Text, nullable=False),  # started, sent, failed, lost
    Column("error", Text),
    Column("error_codes", Text),
    Column("answer", Text),  # what the provider said, cut and masked
    Column("reference", Text),  # the provider's own id of the message
    Column("channel", Text),  # of its message: the health of a channel is counted here
    Index("attempts_message", "message", "fence", unique=True),
    Index("attempts_channel", "channel", "outcome", "finished_at"),
)
