"""What operators ask for: text to search, the destination of a message, and attempts by channel."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from msg_sender.destination import destination_of
from service_kit.secrets import mask

revision = "0003"
down_revision = "0002"

_CHUNK = 1_000
_MESSAGES = sa.table(
    "messages",
    sa.column("number", sa.BigInteger), sa.column("channel", sa.Text), sa.column("address", sa.Text),
    sa.column("body", sa.Text), sa.column("search", sa.Text), sa.column("destination", sa.Text),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("messages", sa.Column("destination", sa.Text))
    op.add_column("messages", sa.Column("search", sa.Text))
    op.add_column("attempts", sa.Column("channel", sa.Text))
    connection, last = op.get_bind(), 0
    while rows := _next(connection, last):
        connection.execute(_FILL, rows)
        last = int(rows[-1]["of"])
    of_message = sa.select(_MESSAGES.c.channel).where(_MESSAGES.c.number == _ATTEMPTS.c.message)
    connection.execute(sa.update(_ATTEMPTS).values(channel=of_message.scalar_subquery()))
    op.create_index("messages_channel", "messages", ["channel", "number"])
    op.create_index("messages_accepted", "messages", ["accepted_at"])
    op.create_index("attempts_channel", "attempts", ["channel", "outcome", "finished_at"])


_ATTEMPTS = sa.table("attempts", sa.column("message", sa.BigInteger), sa.column("channel", sa.Text))
_FILL = (
    sa.update(_MESSAGES)
    .where(_MESSAGES.c.number == sa.bindparam("of"))
    .values(destination=sa.bindparam("where_to"), search=sa.bindparam("text"))
)


def _next(connection: sa.Connection, after: int) -> list[dict[str, Any]]:
    some = sa.select(_MESSAGES).where(_MESSAGES.c.number > after).order_by(_MESSAGES.c.number).limit(_CHUNK)
    return [
        {
            "of": row.number,
            "where_to": destination_of(row.address),
            "text": f"{mask(row.address)}\n{json.loads(row.body)['title']}".casefold(),
        }
        for row in connection.execute(some)
    ]
