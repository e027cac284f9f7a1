"""Why a message is not sent, as codes beside the English sentences. What is there already has its sentences alone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("messages", sa.Column("reason_codes", sa.Text))
    op.add_column("attempts", sa.Column("error_codes", sa.Text))
