"""Acts on many entries of an inbox, and what they found, so that they can be undone."""

import sqlalchemy as sa
from alembic import op

from service_kit.times import Time

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "inbox_act",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("at", Time(), nullable=False),
        sa.Column("as_of", NUMBER, nullable=False),
        sa.Column("reached", NUMBER, nullable=False),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("recipient", "id"),
    )
    op.create_index("inbox_act_at", "inbox_act", ["at"])
    op.create_table(
        "inbox_touch",
        sa.Column("act", NUMBER, nullable=False),
        sa.Column("notice", NUMBER, autoincrement=False, nullable=False),
        sa.Column("was", Time()),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["act"], ["inbox_act.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("act", "notice"),
    )
