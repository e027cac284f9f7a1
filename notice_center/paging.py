"""Pages of notices and inboxes: newest first, by number, so that what arrives meanwhile shifts nothing.

A request looks at a window of the newest numbers below its cursor, never at a whole table: when few of very many
match, a page is short, or even empty, and its cursor goes on from the end of the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query
from pydantic import StringConstraints
from sqlalchemy import Connection

from notice_center import emissions
from notice_center.filters import Filter

#: A cursor is the number of the last item of the page before.
Cursor = Annotated[str, StringConstraints(pattern=r"^\d{1,18}$"), Query(description="the `next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200, description="items of a page, at most")]
#: Rows that one request looks at: some 50 ms at worst.
WINDOW = 20_000


@dataclass(frozen=True)
class Span:
    """Numbers from `low` to below `high`."""

    low: int
    high: int


def span(connection: Connection, chosen: Filter, before: int | None) -> Span:
    """The numbers that the times of a filter and a cursor leave."""
    low = 0 if chosen.came_from is None else emissions.first_since(connection, chosen.came_from)
    high = emissions.last_folded(connection) + 1
    if before is not None:
        high = min(high, before)
    if chosen.came_to is not None:
        high = min(high, emissions.first_since(connection, chosen.came_to))
    return Span(low, high)


def cut(rows: Sequence[Any], limit: int, number: Any, floor: int | None) -> tuple[Sequence[Any], int | None]:
    """`limit` of the rows, of which one more was asked for, and the cursor of the next page.

    `number` tells that of a row; `floor` is the end of the window when there is more below it.
    """
    if len(rows) > limit:
        return rows[:limit], number(rows[limit - 1])
    return rows, floor
