"""What the API answers about messages: the one place that knows both the columns and the JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from msg_sender.filters import Status
from msg_sender.reason import codes_of
from service_kit.openapi import Coded
from service_kit.secrets import mask
from wire.json_text import JsonObject
from wire.notice import Action, Severity
from wire.times import Timestamp


class AttemptView(BaseModel):
    """One try. `outcome` "lost" means that we stopped before the answer was recorded: it may have been sent.

    `error_codes` say to a program what `error` says to people; attempts of earlier versions have none.
    """

    model_config = ConfigDict(frozen=True)

    started_at: Timestamp
    finished_at: Timestamp | None
    outcome: Literal["started", "sent", "failed", "lost"]
    error: str | None
    error_codes: list[Coded] | None
    answer: str | None
    reference: str | None


class MessageSummary(BaseModel):
    """A message without its text. `due_at` is when it is tried next, while it waits.

    `reason_codes` say to a program what `reason` says to people; what an earlier version wrote has none.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    channel: str
    to: str
    notice: str | None
    title: str
    severity: Severity
    status: Status
    reason: str | None
    reason_codes: list[Coded] | None
    attempt_count: int
    accepted_at: Timestamp
    due_at: Timestamp | None
    finished_at: Timestamp | None


class ListedMessage(MessageSummary):
    """With `attempts`, when they were asked for."""

    attempts: list[AttemptView] = []


class EnclosureView(BaseModel):
    """What went with a message. Without a `url` its content was in the message, and is not shown."""

    model_config = ConfigDict(frozen=True)

    name: str
    url: str | None
    type: str
    size: int | None


class MessageView(MessageSummary):
    """A message with its text and its attempts, oldest first."""

    message: str
    url: str | None
    attachments: list[EnclosureView]
    buttons: list[Action]
    template: str | None
    data: JsonObject
    locale: str
    in_reply_to: str | None
    replaces: str | None = None
    attempts: list[AttemptView]


class Messages(BaseModel):
    """A page of messages; `next` is the cursor of the page behind it."""

    model_config = ConfigDict(frozen=True)

    items: list[ListedMessage]
    next: str | None


def summary(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message without its text. An address may be a URL with a credential in it, and is masked."""
    body = json.loads(row["body"])
    shown = {
        "id": row["id"], "channel": row["channel"], "to": mask(row["address"]), "notice": row["notice"],
        "title": body["title"], "severity": body["severity"], "status": row["status"], "reason": row["reason"],
        "reason_codes": codes_of(row["reason_codes"]), "attempt_count": row["attempts"],
        "accepted_at": row["accepted_at"],
        "due_at": row["due_at"] if row["status"] == "pending" else None, "finished_at": row["finished_at"],
    }  # fmt: skip
    return {**shown, **({"attempts": [_attempt(one) for one in row["tries"]]} if "tries" in row else {})}


def whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message with its text and its attempts."""
    body = json.loads(row["body"])
    rest = {name: value for name, value in body.items() if name not in ("to", "id")}
    return {**rest, **summary(row)}


def _attempt(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in AttemptView.model_fields}, "error_codes": codes_of(row["error_codes"])}
