"""What the routes of inboxes and notices answer, for those who read the shapes: clients and their generated types."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from notice_center.filters import Status
from wire.event import Key
from wire.ids import Name
from wire.notice import Action, Attachment, Severity

#: Times leave as they were rendered: RFC 3339 in UTC.
When = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entity(_Answer):
    """The entity that a notice speaks of."""

    topic: Name
    key: Key


class _Said(_Answer):
    """What inbox entries and notices have in common."""

    id: str
    alert: str
    key: str | None
    config: str | None
    status: Status
    severity: Severity
    title: str
    message: str = Field(description="Markdown")
    entity: Entity | None
    url: str | None = Field(description="where it points: http, https, or a path")
    labels: dict[str, str]
    actions: list[Action]
    count: int = Field(description="how often it was said")
    position: int = Field(description="newer notices have greater ones; pages are in this order")
    starts_at: When | None
    ends_at: When | None
    created_at: When
    updated_at: When


class InboxEntry(_Said):
    """A notice as one recipient has it; the same over HTTP and in the topic `inbox`."""

    recipient: str
    read_at: When | None
    acknowledged_at: When | None
    archived_at: When | None


class NoticeItem(_Said):
    """A notice as operators see it."""

    round: int = Field(description="1, and one more each time that its severity rose")
    attachments: list[Attachment]
    data: dict[str, Any]


class InboxPage(_Answer):
    """Newest first. `next` is null at the end; a page may be short, or empty, before that."""

    items: list[InboxEntry]
    next: str | None
    as_of: str = Field(description="up to where this is the truth: the bound of an act on a filter")


class NoticePage(_Answer):
    """Newest first. `next` is null at the end; a page may be short, or empty, before that."""

    items: list[NoticeItem]
    next: str | None


class Counts(_Answer):
    """Unread entries. They are counted up to ten thousand: beyond it `exact` is false."""

    unread: int
    by_severity: dict[Severity, int]
    exact: bool


class ReadAllAnswer(_Answer):
    """How many entries were marked. When it is not `done`, there are more: ask again."""

    read: int
    id: str = Field(description="of the act, to undo it by")
    done: bool


class Opened(_Answer):
    """The entry, read now, and where it points: null when it has no page of its own."""

    entry: InboxEntry
    url: str | None


class ActAnswer(_Answer):
    """What an act did. A dry run did nothing: `touched` tells how many it would be."""

    id: str
    act: Literal["read", "unread", "archive", "unarchive"]
    at: When
    as_of: str
    touched: int = Field(description="so far")
    more: bool = Field(description="there are more than one act may touch")
    done: bool = Field(description="false while it goes on")
    dry_run: bool


class UndoAnswer(_Answer):
    """`kept`: entries that were changed since, and stay as they are; those to come count as kept until it is `done`."""

    id: str
    restored: int
    kept: int
    done: bool
