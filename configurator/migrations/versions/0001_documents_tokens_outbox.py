"""Configs, recipients and alerts with their revisions; tokens; the outbox."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from service_kit.times import Time

revision = "0001"
down_revision = None

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _documents("config", sa.Column("name", sa.Text, nullable=False), sa.Column("enabled", sa.Boolean, nullable=False))
    op.create_index("config_name", "config", ["name"])
    _documents("recipient")
    _documents("alert")
    op.create_table(
        "revision",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("id", SORTED, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("at", Time, nullable=False),
        sa.Column("by_id", sa.Text, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "revision", name="revision_pkey"),
    )
    op.create_table(
        "token",
        sa.Column("id", SORTED, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", Time),
    )
    op.create_index("token_hash", "token", ["hash"], unique=True)
    op.create_index("token_recipient", "token", ["recipient"])
    op.create_table(
        "outbox",
        sa.Column("number", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("event", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for table in ("outbox", "token", "revision", "alert", "recipient", "config"):
        op.drop_table(table)


def _documents(name: str, *own: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("id", SORTED, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        *own,
    )
