"""An index for what was decided for one person."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("decision_recipient", "decision", ["recipient", "id"])
