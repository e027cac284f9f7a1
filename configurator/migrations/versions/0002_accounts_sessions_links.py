"""Accounts, their sessions (tokens with an account) and one-time links; when a token was last used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service_kit.times import Time

revision = "0002"
down_revision = "0001"

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("token", sa.Column("account", sa.Text))
    op.add_column("token", sa.Column("used_at", Time))
    op.create_index("token_account", "token", ["account"])
    op.create_table(
        "account",
        sa.Column("id", SORTED, primary_key=True),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text),
        sa.Column("password", sa.Text),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("signed_in_at", Time),
    )
    op.create_index("account_login", "account", ["login"], unique=True)
    op.create_index("account_recipient", "account", ["recipient"], unique=True)
    op.create_table(
        "link",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("expires_at", Time, nullable=False),
    )
    op.create_index("link_account", "link", ["account"])


def downgrade() -> None:
    op.drop_table("link")
    op.drop_table("account")
    op.drop_index("token_account", "token")
    with op.batch_alter_table("token") as token:
        token.drop_column("used_at")
        token.drop_column("account")
