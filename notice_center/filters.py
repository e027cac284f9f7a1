"""Which notices and which entries of an inbox: the same words in the query of a page and in the body of an act."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import to_json
from sqlalchemy import ColumnElement, and_, exists, true

from notice_center.tables import entry, notice
from service_kit.problems import invalid_model
from wire.event import Key
from wire.ids import Name, Segment
from wire.notice import Severity
from wire.refusal import Refusal
from wire.times import Timestamp

View = Literal["unread", "inbox", "archived", "all"]
Status = Literal["firing", "resolved"]
Words = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
#: So many words of a search count; the rest could only slow it down.
_MAX_WORDS = 8


class Filter(BaseModel):
    """Which notices. `from` and `to` are about when a notice first came; `entity` is the key of one of `topic`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: Annotated[tuple[Severity, ...], Field(max_length=20)] = ()
    alert: Name | None = None
    status: Status | None = None
    topic: Name | None = None
    entity: Key | None = None
    q: Words | None = Field(None, description="words that must all occur in title, message, key or alert")
    came_from: Timestamp | None = Field(None, alias="from", description="came at this time or later")
    came_to: Timestamp | None = Field(None, alias="to", description="came before this time")

    @model_validator(mode="after")
    def _entity_has_a_topic(self) -> Filter:
        if self.entity is not None and self.topic is None:
            raise Refusal("entity: expected together with topic", code="entity-without-topic")
        return self

    @property
    def picky(self) -> bool:
        """Whether it may pass over most of what it looks at."""
        return bool(self.severity or self.alert or self.status or self.topic or self.q)

    def where(self) -> ColumnElement[bool]:
        """As a condition on `notice`; all but the times, which are bounds of the numbers to look at."""
        found: list[ColumnElement[bool]] = [notice.c.search.contains(word, autoescape=True) for word in _words(self.q)]
        found += [notice.c[name] == value for name in ("alert", "status") if (value := getattr(self, name))]
        if self.severity:
            found.append(notice.c.severity.in_(self.severity))
        return and_(true(), *found, *self._of_entity())

    def _of_entity(self) -> list[ColumnElement[bool]]:
        """The entity is stored as the JSON text of an EntityRef."""
        if self.topic is None:
            return []
        if self.entity is None:
            return [notice.c.entity.startswith(f'{{"topic":"{self.topic}",', autoescape=True)]
        return [notice.c.entity == to_json({"topic": self.topic, "key": self.entity}).decode()]


class NoticeFilter(Filter):
    """Which of all notices: `recipient` has it in the inbox."""

    recipient: Segment | None = None

    @property
    def picky(self) -> bool:
        return super().picky or self.recipient is not None

    def where(self) -> ColumnElement[bool]:
        if self.recipient is None:
            return super().where()
        return super().where() & exists().where(entry.c.notice == notice.c.number, entry.c.recipient == self.recipient)


class InboxFilter(Filter):
    """Which entries of one's inbox: `view` is unread, inbox (all but archived), archived or all."""

    view: View = "inbox"

    @property
    def picky(self) -> bool:
        return super().picky or self.view in ("inbox", "archived")

    def where(self) -> ColumnElement[bool]:
        """As a condition on `notice` joined with `inbox_entry`."""
        return super().where() & in_view(self.view)


def in_view(view: View) -> ColumnElement[bool]:
    """As a condition on `inbox_entry`."""
    kept = entry.c.archived_at.is_(None)
    return {
        "unread": kept & entry.c.read_at.is_(None),
        "inbox": kept,
        "archived": entry.c.archived_at.is_not(None),
        "all": true(),
    }[view]


def _words(q: str | None) -> list[str]:
    return (q or "").casefold().split()[:_MAX_WORDS]


async def _asked(
    severity: Annotated[list[Severity], Query(description="any of these; may be given several times")] = [],  # noqa: B006 - never changed
    alert: Annotated[Name | None, Query(description="said by this alert")] = None,
    status: Annotated[Status | None, Query(description="still firing, or resolved")] = None,
    topic: Annotated[Name | None, Query(description="about an entity of this topic")] = None,
    entity: Annotated[Key | None, Query(description="about the entity with this key of `topic`")] = None,
    q: Annotated[Words | None, Query(description="words that must all occur in title, message, key or alert")] = None,
    came_from: Annotated[Timestamp | None, Query(alias="from", description="came at this time or later")] = None,
    came_to: Annotated[Timestamp | None, Query(alias="to", description="came before this time")] = None,
) -> dict[str, Any]:
    return {
        "severity": severity, "alert": alert, "status": status, "topic": topic, "entity": entity, "q": q,
        "from": came_from, "to": came_to,
    }  # fmt: skip


Asked = Annotated[dict[str, Any], Depends(_asked)]


async def _notice_filter(
    asked: Asked, recipient: Annotated[Segment | None, Query(description="in this person's inbox")] = None
) -> NoticeFilter:
    return _made(NoticeFilter, {**asked, "recipient": recipient})


async def _inbox_filter(
    asked: Asked,
    view: Annotated[View, Query(description="`inbox`: all but what was archived")] = "inbox",
) -> InboxFilter:
    return _made(InboxFilter, {**asked, "view": view})


F = TypeVar("F", bound=Filter)


def _made(kind: type[F], values: dict[str, Any]) -> F:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise invalid_model(error) from None


#: The filters of a request's query.
ChosenNotices = Annotated[NoticeFilter, Depends(_notice_filter)]
ChosenEntries = Annotated[InboxFilter, Depends(_inbox_filter)]
