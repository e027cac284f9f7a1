"""Inbox entries: what a person sees of a notice, the same over HTTP and in the topic `inbox`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from notice_center.fold import NoticeState, loads
from wire.event import Event
from wire.ids import new_id
from wire.times import rfc3339

TOPIC = "inbox"


@dataclass(frozen=True)
class Entry:
    """A row of `inbox_entry`: the state of one recipient's copy of notice number `notice`."""

    recipient: str
    notice: int
    created_at: datetime
    read_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledge_note: str | None = None
    archived_at: datetime | None = None


def render(notice: NoticeState, entry: Entry) -> dict[str, Any]:
    """The entry as JSON: `id` is the notice's."""
    return {
        "id": notice.id,
        "recipient": entry.recipient,
        **{name: getattr(notice, name) for name in ("alert", "key", "status", "severity", "title", "message")},
        "entity": loads(notice.entity),
        "url": notice.url,
        "labels": loads(notice.labels),
        "actions": loads(notice.actions),
        "count": notice.count,
        "config": notice.config,
        **{name: _time(getattr(notice, name)) for name in ("starts_at", "ends_at")},
        "created_at": rfc3339(entry.created_at),
        "updated_at": rfc3339(notice.updated_at),
        **{name: _time(getattr(entry, name)) for name in ("read_at", "acknowledged_at", "archived_at")},
    }


def event(notice: NoticeState, entry: Entry, action: Literal["created", "updated"]) -> Event:
    """The change of an entry, for the outbox."""
    key = f"{entry.recipient}/{notice.id}"
    return Event(id=new_id(), topic=TOPIC, key=key, action=action, data=render(notice, entry), at=notice.updated_at)


def _time(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
