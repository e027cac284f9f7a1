"""Filters and pages of notices and inboxes: newest first, by number, so that what arrives meanwhile shifts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import ColumnElement, and_, true

from notice_center.tables import entry, notice
from wire.ids import Name
from wire.notice import Severity

#: A cursor is the number of the last item of the page before.
Cursor = Annotated[str, StringConstraints(pattern=r"^\d{1,18}$")]
Limit = Annotated[int, Query(ge=1, le=200)]
Words = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class NoticeFilter(BaseModel):
    """Which notices. `q` is text that must occur in title, message, key or alert, whatever its case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alert: Name | None = None
    severity: Severity | None = None
    status: Literal["firing", "resolved"] | None = None
    q: Words | None = None

    def where(self) -> ColumnElement[bool]:
        """As a condition on `notice`."""
        exact = [notice.c[name] == value for name in ("alert", "severity", "status") if (value := getattr(self, name))]
        words = [notice.c.search.contains(self.q.casefold(), autoescape=True)] if self.q else []
        return and_(true(), *exact, *words)


class InboxFilter(NoticeFilter):
    """Which entries of an inbox. Archived ones only when asked for; `unread` true or false narrows further."""

    unread: bool | None = None
    archived: bool = False

    def where(self) -> ColumnElement[bool]:
        """As a condition on `notice` joined with `inbox_entry`."""
        archived = entry.c.archived_at.is_not(None) if self.archived else entry.c.archived_at.is_(None)
        if self.unread is None:
            return super().where() & archived
        return super().where() & archived & (entry.c.read_at.is_(None) == self.unread)


@dataclass(frozen=True)
class Page:
    """`items` as JSON, and the cursor of the next page: None on the last."""

    items: Sequence[dict[str, Any]]
    next: str | None


def cut(rows: Sequence[Any], limit: int) -> tuple[Sequence[Any], bool]:
    """`limit` of the rows, of which one more was asked for, and whether there are more."""
    return rows[:limit], len(rows) > limit
