"""SQL of what a message replaces: whether it has to wait for that, and what of it the reader has.

Its predecessors are the message that it names and whatever replaced that one before, on the same channel and to the
same address: only so may it change them. None of them is newer, so nobody waits in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, exists, select, union_all

from msg_sender.channels.contract import Earlier, Outgoing
from msg_sender.tables import attempts, messages


@dataclass(frozen=True)
class Predecessors:
    """`are_waiting`: one at least is still to be sent. `sent`: the last that was, None when none was."""

    are_waiting: bool
    sent: Earlier | None


def predecessors(connection: Connection, number: int, message: Outgoing) -> Predecessors:
    """Those of the message of this number, which replaces one."""
    mine = _before(number, message)
    waiting = connection.scalar(select(exists().where(mine, messages.c.due_at.is_not(None))))
    sent = (
        select(messages.c.id, attempts.c.reference)
        .join(attempts, attempts.c.message == messages.c.number)
        .where(mine, attempts.c.outcome == "sent")
        .order_by(attempts.c.number.desc())
        .limit(1)
    )
    row = connection.execute(sent).one_or_none()
    return Predecessors(bool(waiting), Earlier(row.id, row.reference) if row else None)


def _before(number: int, message: Outgoing) -> ColumnElement[bool]:
    older = select(messages.c.number).where(messages.c.number < number)
    named = older.where(messages.c.id == message.replaces)
    others = older.where(messages.c.replaces == message.replaces)
    is_meant = messages.c.number.in_(union_all(named, others))  # with `or`, SQLite reads all of the channel
    return is_meant & (messages.c.channel == message.channel) & (messages.c.address == message.to)
