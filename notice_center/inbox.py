"""Inbox entries: what a person sees of a notice, the same over HTTP and in the topic `inbox`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from json.encoder import encode_basestring as quoted
from typing import Any, Literal

from notice_center.fold import NoticeState
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
    entry_as_json: dict[str, Any] = json.loads(encode(common(notice), entry))
    return entry_as_json


def event(notice: NoticeState, entry: Entry, action: Literal["created", "updated"], shared: str | None = None) -> str:
    """The change of an entry as the JSON text of an Event. `shared`: `common(notice)`, when it is there already."""
    key, at = quoted(f"{entry.recipient}/{notice.id}"), rfc3339(notice.updated_at)
    data = encode(shared or common(notice), entry)
    return f'{{"id":"{new_id()}","topic":"{TOPIC}","key":{key},"action":"{action}","data":{data},"at":"{at}"}}'


def common(notice: NoticeState) -> str:
    """What all recipients see alike, as the first members of a JSON object. By hand: it is on the path of every notice.

    The structures of a notice are JSON texts already.
    """
    return (
        f'{{"id":{quoted(notice.id)},"alert":{quoted(notice.alert)},"key":{_text(notice.key)}'
        f',"status":"{notice.status}","severity":"{notice.severity}"'
        f',"title":{quoted(notice.title)},"message":{quoted(notice.message)}'
        f',"entity":{notice.entity or "null"},"url":{_text(notice.url)}'
        f',"labels":{notice.labels},"actions":{notice.actions},"count":{notice.count},"config":{_text(notice.config)}'
        f',"position":{notice.number}'
        f',"starts_at":{_time(notice.starts_at)},"ends_at":{_time(notice.ends_at)}'
        f',"updated_at":{_time(notice.updated_at)}'
    )


def encode(shared: str, entry: Entry) -> str:
    """The whole entry as a JSON text."""
    return (
        f'{shared},"recipient":{quoted(entry.recipient)},"created_at":{_time(entry.created_at)}'
        f',"read_at":{_time(entry.read_at)},"acknowledged_at":{_time(entry.acknowledged_at)}'
        f',"archived_at":{_time(entry.archived_at)}}}'
    )


def _text(value: str | None) -> str:
    return "null" if value is None else quoted(value)


def _time(at: datetime | None) -> str:
    return "null" if at is None else f'"{rfc3339(at)}"'
