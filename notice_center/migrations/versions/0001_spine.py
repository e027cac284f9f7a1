"""Emissions, notices, inboxes, steps and decisions."""

import sqlalchemy as sa
from alembic import op

from service_kit.times import Time

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("status = 'firing' AND key IS NOT NULL")
UNREAD = sa.text("read_at IS NULL AND archived_at IS NULL")
PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    op.create_table(
        "emission",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "notice",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("config", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("attachments", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("fired_seq", NUMBER, nullable=False),
        sa.Column("fired_at", Time(), nullable=False),
        sa.Column("starts_at", Time()),
        sa.Column("ends_at", Time()),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("notice_open", "notice", ["alert", "key"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "outbox",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "outcome",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("notice", NUMBER),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("outcome_notice", "outcome", ["notice", "seq"])
    op.create_table(
        "decision",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("notice", NUMBER, nullable=False),
        sa.Column("config", sa.Text()),
        sa.Column("channel", sa.Text()),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text()),
        sa.Column("address", sa.Text()),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notice.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("decision_notice", "decision", ["notice"])
    op.create_table(
        "inbox_entry",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("notice", NUMBER, nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("read_at", Time()),
        sa.Column("acknowledged_at", Time()),
        sa.Column("acknowledge_note", sa.Text()),
        sa.Column("archived_at", Time()),
        sa.ForeignKeyConstraint(["notice"], ["notice.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("recipient", "notice"),
    )
    op.create_index("inbox_entry_notice", "inbox_entry", ["notice"])
    op.create_index(
        "inbox_entry_unread", "inbox_entry", ["recipient", "notice"], sqlite_where=UNREAD, postgresql_where=UNREAD
    )
    op.create_table(
        "step",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("notice", NUMBER, nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wake_at", Time(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(["notice"], ["notice.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("step_notice", "step", ["notice"])
    op.create_index("step_wake", "step", ["wake_at"], sqlite_where=PENDING, postgresql_where=PENDING)
