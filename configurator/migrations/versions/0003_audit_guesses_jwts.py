"""The audit trail, wrong passwords in a row, and since when the JWT of a recipient count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service_kit.times import Time

revision = "0003"
down_revision = "0002"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", SORTED, primary_key=True),
        sa.Column("at", Time, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("by_id", sa.Text),
        sa.Column("by_name", sa.Text),
        sa.Column("about_kind", sa.Text),
        sa.Column("about_id", sa.Text),
        sa.Column("about_name", sa.Text),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index("audit_at", "audit", ["at"])
    op.create_index("audit_action", "audit", ["action", "id"])
    op.create_table(
        "guess",
        sa.Column("counter", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("mistakes", sa.Integer, nullable=False),
        sa.Column("last", Time, nullable=False),
    )
    op.create_table(
        "jwts",
        sa.Column("recipient", SORTED, primary_key=True),
        sa.Column("since", Time, nullable=False),
    )


def downgrade() -> None:
    for table in ("jwts", "guess", "audit"):
        op.drop_table(table)
