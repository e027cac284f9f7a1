"""An index for what was finished long ago."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("messages_finished", "messages", ["finished_at"])
