"""The journal: events, state, and where it was trimmed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.Text, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("data", sa.Text),
        sa.Column("at", sa.BigInteger),
        sa.Column("stored_at", sa.BigInteger, nullable=False),
    )
    op.create_index("event_topic", "event", ["topic", "number"])
    op.create_table(
        "state",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("key", _KEY, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("data", sa.Text),
        sa.Column("at", sa.BigInteger),
        sa.Column("stored_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_state_event_id", "state", ["event_id"])
    op.create_index("state_newest", "state", ["topic", "number"])
    op.create_table(
        "trimmed",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
