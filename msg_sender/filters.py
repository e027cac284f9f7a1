"""Which messages an operator asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import ColumnElement, and_, true

from msg_sender.tables import messages
from wire.ids import Id, Name
from wire.times import Timestamp

Status = Literal["pending", "sending", "sent", "dead"]
Words = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class Selection(BaseModel):
    """All of these at once. `q` is text that must occur in address or title, whatever its case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: Name | None = Field(None, description="by which channel")
    notice: Id | None = Field(None, description="of which notice")
    q: Words | None = Field(None, description="text in address or title")
    since: Timestamp | None = Field(None, description="accepted then or later")
    until: Timestamp | None = Field(None, description="accepted before then")

    def where(self) -> ColumnElement[bool]:
        """As a condition on `messages`."""
        words = [messages.c.search.contains(self.q.casefold(), autoescape=True)] if self.q else []
        return and_(self.exact(), *words)

    def exact(self) -> ColumnElement[bool]:
        """The same but for the text, which no index finds."""
        equal = [messages.c[name] == value for name in ("channel", "notice") if (value := getattr(self, name))]
        return and_(true(), *equal, *_between(self.since, self.until))


class MessageFilter(Selection):
    """`status` on top."""

    status: Status | None = Field(None, description="pending, sending, sent or dead")

    def exact(self) -> ColumnElement[bool]:
        return super().exact() & (messages.c.status == self.status) if self.status else super().exact()


class ListedFilter(MessageFilter):
    """With `ids`: only these."""

    ids: tuple[str, ...] = ()

    def exact(self) -> ColumnElement[bool]:
        return super().exact() & messages.c.id.in_(self.ids) if self.ids else super().exact()


async def _asked(
    chosen: Annotated[MessageFilter, Depends()],
    id: Annotated[list[Id], Query(max_length=100, description="only these; may be given several times")] = [],  # noqa: B006 - never changed
) -> ListedFilter:
    return ListedFilter(**chosen.model_dump(), ids=tuple(id))


#: The filter of a request's query.
ChosenMessages = Annotated[ListedFilter, Depends(_asked)]


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    at = messages.c.accepted_at
    return [*([at >= since] if since else []), *([at < until] if until else [])]
