"""The files in a message stand beside it, so that a list of messages need not read them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("messages", sa.Column("contents", sa.Text))
