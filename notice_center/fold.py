"""What one emission does to the notice that it speaks of: pure, so that the same emissions always give the same inbox.

opened      there is a new notice
repeated    the open notice of the same alert and key is brought up to date, and counted
escalated   the same, and it became more severe: it asks for attention anew (another round)
resolved    the open notice is closed
unopened    it resolves what is not open: nothing to tell anyone
set_aside   it could not be folded (the reason says why); the rest goes on
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pydantic_core import to_json

from wire.notice import SEVERITIES, Notice

Effect = Literal["opened", "repeated", "escalated", "resolved", "unopened", "set_aside"]

#: Long enough to find a notice by its words, short enough that scanning a page of them stays cheap.
_SEARCHABLE = 4_000
_FIT_FOR_URLS = re.compile(r"[A-Za-z0-9._~:@-]{1,128}")
_NAMESPACE = uuid.UUID("6d0f6f0e-6b0f-5a86-9c0a-4f7b1f0f7a11")
_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}
#: What a repeat may change. What it does not say stays as it was.
_TEXTS = ("severity", "title", "message", "url", "config", "starts_at", "ends_at")
_STRUCTURES = ("labels", "actions", "attachments", "data")


@dataclass(frozen=True)
class Emission:
    """One stored line of an alert."""

    seq: int
    id: str
    received_at: datetime
    said: Notice


@dataclass(frozen=True)
class NoticeState:
    """A row of `notice`. Structures are JSON texts. `fired_*` tell when the current round began."""

    number: int
    id: str
    alert: str
    key: str | None
    config: str | None
    status: str
    severity: str
    title: str
    message: str
    entity: str | None
    url: str | None
    labels: str
    actions: str
    attachments: str
    data: str
    count: int
    round: int
    fired_seq: int
    fired_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    created_at: datetime
    updated_at: datetime
    search: str


@dataclass(frozen=True)
class Folded:
    """`notice` as it is afterwards; None when the emission concerns none."""

    notice: NoticeState | None
    effect: Effect


def fold(current: NoticeState | None, emission: Emission) -> Folded:
    """`current` is the open notice of the same alert and key, if there is one."""
    said = emission.said
    if current is None:
        if said.status == "resolved" and said.key is not None:
            return Folded(None, "unopened")
        return Folded(_open(emission), "opened")
    changed = _update(current, emission)
    if said.status == "resolved":
        return Folded(replace(changed, status="resolved", ends_at=said.ends_at or emission.received_at), "resolved")
    if _RANK[changed.severity] > _RANK[current.severity]:
        fired: dict[str, Any] = {
            "round": current.round + 1,
            "fired_seq": emission.seq,
            "fired_at": emission.received_at,
        }
        return Folded(replace(changed, **fired), "escalated")
    return Folded(changed, "repeated")


def notice_id(emission_id: str) -> str:
    """The id of the notice that an emission opens: its own, unless that would not fit into URLs and topic keys."""
    return emission_id if _FIT_FOR_URLS.fullmatch(emission_id) else str(uuid.uuid5(_NAMESPACE, emission_id))


def _open(emission: Emission) -> NoticeState:
    said, at = emission.said, emission.received_at
    return NoticeState(
        number=emission.seq, id=notice_id(emission.id), alert=said.alert, key=said.key, config=said.config,
        status=said.status, severity=said.severity, title=said.title, message=said.message,
        entity=_text(said.entity) if said.entity else None, url=said.url, labels=_text(said.labels),
        actions=_text(said.actions), attachments=_text(said.attachments), data=_text(said.data), count=1, round=1,
        fired_seq=emission.seq, fired_at=at, starts_at=said.starts_at, ends_at=said.ends_at, created_at=at,
        updated_at=at, search=_searchable(said.title, said.key, said.alert, said.message),
    )  # fmt: skip


def _update(current: NoticeState, emission: Emission) -> NoticeState:
    said = emission.said
    named = said.model_fields_set
    changes: dict[str, Any] = {name: getattr(said, name) for name in _TEXTS if name in named}
    changes |= {name: _text(getattr(said, name)) for name in _STRUCTURES if name in named}
    if said.entity is not None:
        changes["entity"] = _text(said.entity)
    if said.status == "resolved":
        changes.pop("severity", None)  # how bad it was stays; that it is over is the status
    after = {**vars(current), **changes, "count": current.count + 1, "updated_at": emission.received_at}
    after["search"] = _searchable(after["title"], after["key"], after["alert"], after["message"])
    return NoticeState(**after)


def _searchable(*texts: str | None) -> str:
    return " ".join(filter(None, texts))[:_SEARCHABLE].casefold()


def _text(value: Any) -> str:
    if not value:
        return "{}" if isinstance(value, Mapping) else "[]"
    return to_json(value, exclude_none=True, inf_nan_mode="null").decode()


def loads(text: str | None) -> Any:
    """The structure of a JSON text; None for None."""
    return None if text is None else json.loads(text)
