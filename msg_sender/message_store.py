"""SQL of messages as operators see them: pages, one message, and the dead ones that are sent anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, func, select, true, update

from msg_sender.filters import MessageFilter, Selection
from msg_sender.tables import attempts, messages

#: Messages that one request for a text looks at: some 50 ms at worst.
WINDOW = 20_000
#: Nobody looks at files here, and a page of them would fill the memory.
_SHOWN = [column for column in messages.c if column.name != "contents"]


@dataclass(frozen=True)
class Dead:
    """The dead messages of a selection: how many in each channel, and what to think of before they are sent anew.

    `uncertain`: of these nobody knows whether they arrived.
    """

    channels: Mapping[str, int]
    destinations: int
    uncertain: int
    oldest: datetime | None

    @property
    def count(self) -> int:
        return sum(self.channels.values())


class Changed(Exception):
    """The selection holds another number of messages than was said."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} messages")
        self.count = count


def find(connection: Connection, message_id: str) -> dict[str, Any] | None:
    """One message with its attempts."""
    row = connection.execute(select(*_SHOWN).where(messages.c.id == message_id)).mappings().one_or_none()
    return with_attempts(connection, [row])[0] if row else None


def page(
    connection: Connection, chosen: MessageFilter, cursor: int | None, newest_first: bool, limit: int, tries: bool
) -> tuple[list[dict[str, Any]], str | None]:
    """The chosen messages from behind `cursor` on, and the next cursor. With `tries` each has its attempts.

    A text is looked for in a WINDOW of messages: where few of very many hold it, a page is short, or even empty.
    """
    column = messages.c.number
    beyond = true() if cursor is None else column < cursor if newest_first else column > cursor
    order = column.desc() if newest_first else column.asc()
    end = None
    if chosen.q:
        seen = select(column).where(chosen.exact(), beyond).order_by(order)
        end = connection.scalar(seen.offset(WINDOW - 1).limit(1))
    if end is not None:
        beyond = beyond & (column >= end if newest_first else column <= end)
    query = select(*_SHOWN).where(chosen.where(), beyond).order_by(order).limit(limit + 1)
    rows = list(connection.execute(query).mappings())
    more = rows[limit - 1]["number"] if len(rows) > limit else end
    found = with_attempts(connection, rows[:limit]) if tries else [dict(row) for row in rows[:limit]]
    return found, None if more is None else str(more)


def with_attempts(connection: Connection, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """The rows as they are, each with `tries`: its attempts, oldest first."""
    query = select(attempts).where(attempts.c.message.in_([row["number"] for row in rows])).order_by(attempts.c.number)
    tries: dict[int, list[RowMapping]] = {row["number"]: [] for row in rows}
    for attempt in connection.execute(query).mappings():
        tries[attempt["message"]].append(attempt)
    return [{**row, "tries": tries[row["number"]]} for row in rows]


def replay(connection: Connection, message_id: str, now: datetime) -> bool:
    """A dead message becomes pending, as if it had just been accepted; its attempts are kept."""
    dead = (messages.c.id == message_id) & (messages.c.status == "dead")
    return bool(connection.execute(update(messages).where(dead).values(**_anew(now))).rowcount)


def dead(connection: Connection, chosen: Selection, as_of: datetime) -> Dead:
    """What `replay_all` would send anew."""
    mine = _dead(chosen, as_of)
    by_channel = select(messages.c.channel, func.count()).where(mine).group_by(messages.c.channel)
    distinct = select(messages.c.channel, messages.c.address).where(mine).distinct().subquery()
    lost = exists().where(attempts.c.message == messages.c.number, attempts.c.outcome == "lost")
    return Dead(
        {row[0]: row[1] for row in connection.execute(by_channel)},
        connection.scalar(select(func.count()).select_from(distinct)) or 0,
        connection.scalar(select(func.count()).where(mine, lost)) or 0,
        connection.scalar(select(func.min(messages.c.accepted_at)).where(mine)),
    )


def replay_all(connection: Connection, chosen: Selection, as_of: datetime, expected: int, now: datetime) -> int:
    """Send anew what was dead at `as_of` already. Raises Changed, and then sends nothing, when they are not as many as
    `expected`."""
    count = connection.execute(update(messages).where(_dead(chosen, as_of)).values(**_anew(now))).rowcount
    if count != expected:
        raise Changed(count)
    return count


def _dead(chosen: Selection, as_of: datetime) -> ColumnElement[bool]:
    return chosen.where() & (messages.c.status == "dead") & (messages.c.finished_at <= as_of)


def _anew(now: datetime) -> dict[str, Any]:
    return {
        "status": "pending", "due_at": now, "since": now, "attempts": 0, "breakdowns": 0,
        "reason": None, "reason_codes": None, "finished_at": None,
    }  # fmt: skip
