"""Which earlier message one replaces."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_REPLACING = sa.text("replaces IS NOT NULL")


def upgrade() -> None:
    op.add_column("messages", sa.Column("replaces", sa.Text))
    op.create_index("messages_replaces", "messages", ["replaces"], sqlite_where=_REPLACING, postgresql_where=_REPLACING)
