"""Indexes for the overview: notices and decisions by time, and of each entry whether it was read."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("notice_created", "notice", ["created_at", "number", "severity", "alert"])
    op.drop_index("inbox_entry_notice", "inbox_entry")
    op.create_index("inbox_entry_notice", "inbox_entry", ["notice", "created_at", "read_at", "archived_at"])
    op.create_index("decision_at", "decision", ["at", "verdict", "reason"])
