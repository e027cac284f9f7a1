"""The trail of a notice as JSON: everything that happened to it, each line with its reason. For an operator all of it;
for a person what concerns them: their own entry, what was decided for them or for everyone, and their messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from notice_center.answers import NoticeItem, When
from notice_center.audience import Why
from notice_center.decide import Reason, Verdict
from notice_center.directory import Directory
from notice_center.fold import Effect, NoticeState, loads
from notice_center.notice_store import Trail
from service_kit.openapi import Coded
from service_kit.secrets import mask
from wire.times import rfc3339


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(_Answer):
    """One line of the alert, and what it did to the notice."""

    id: str
    received_at: When
    effect: Effect
    body: dict[str, Any] = Field(description="the notice as it was said; for a person without its recipients")


class Holder(_Answer):
    """Someone who has the notice in their inbox."""

    recipient: str
    created_at: When
    read_at: When | None
    acknowledged_at: When | None
    acknowledge_note: str | None
    archived_at: When | None


class StepItem(_Answer):
    """One channel of a config for one round of the notice."""

    id: int
    config: str
    channel: str
    round: int
    state: str = Field(description="pending or done")
    wake_at: When = Field(description="of a pending step: when it is looked at next")
    tries: int
    error: str | None = Field(description="why it could not be carried out yet")


class DecisionItem(_Answer):
    """For one receiver, or for the whole step when it names neither `recipient` nor `address`."""

    id: int
    config: str | None
    channel: str | None
    round: int
    recipient: str | None
    address: str | None
    verdict: Verdict
    reason: Reason | Why
    message: str | None
    revision: int | None = Field(description="the config's revision that was in force then")
    at: When


class Try(BaseModel):
    """One attempt to send a message."""

    model_config = ConfigDict(frozen=True, extra="allow")

    started_at: When
    finished_at: When | None
    outcome: str = Field(description="started, sent, failed, or lost")
    error: str | None
    error_codes: list[Coded] | None = Field(None, description="`error` for a program")
    answer: str | None = Field(description="what the provider said; for operators")
    reference: str | None = Field(description="the provider's own id of the message; for operators")


class TrailMessage(BaseModel):
    """A message as the message sender lists it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    channel: str
    to: str
    status: str = Field(description="pending, sending, sent, or dead")
    reason: str | None
    reason_codes: list[Coded] | None = Field(None, description="`reason` for a program")
    accepted_at: When
    due_at: When | None
    finished_at: When | None
    attempts: list[Try]


class ConfigNow(_Answer):
    """A config that the trail speaks of, as it is now."""

    alert: str
    enabled: bool
    revision: int


class TrailAnswer(_Answer):
    """All that happened to a notice, each list oldest first. `people` and `configs` hold those that still exist."""

    notice: NoticeItem
    emissions: list[Said]
    recipients: list[Holder]
    steps: list[StepItem]
    decisions: list[DecisionItem]
    messages: list[TrailMessage]
    missing: str | None = Field(description="why `messages` is empty although there may be some")
    people: dict[str, str] = Field(description="names by recipient")
    configs: dict[str, ConfigNow]


def render(state: NoticeState) -> dict[str, Any]:
    """A notice as JSON."""
    plain = ("id", "alert", "key", "config", "status", "severity", "title", "message", "url", "count", "round")
    times = ("starts_at", "ends_at", "created_at", "updated_at")
    return {
        **{name: getattr(state, name) for name in plain},
        **{name: loads(getattr(state, name)) for name in ("entity", "labels", "actions", "attachments", "data")},
        **{name: None if (at := getattr(state, name)) is None else rfc3339(at) for name in times},
        "position": state.number,
    }


def render_trail(
    found: Trail, messages: Iterable[Mapping[str, Any]], missing: str | None, directory: Directory
) -> dict[str, Any]:
    """What an operator sees."""
    people = {one.recipient for one in found.entries} | {row["recipient"] for row in found.decisions}
    configs = {row["config"] for row in [*found.steps, *found.decisions]} | {found.notice.config}
    return {
        "notice": render(found.notice),
        "emissions": [_row(row) | {"body": json.loads(row["body"])} for row in found.emissions],
        "recipients": [_row(vars(one)) for one in found.entries],
        "steps": [_row(row) for row in found.steps],
        "decisions": [_masked(_row(row)) for row in found.decisions],
        "messages": list(messages),
        "missing": missing,
        "people": {one.id: one.name for name in people if name and (one := directory.recipients.get(name))},
        "configs": {name: shown for name in configs if name and (shown := _config_now(directory, name))},
    }


def _config_now(directory: Directory, name: str) -> dict[str, Any] | None:
    config = directory.configs.get(name)
    if config is None:
        return None
    return {"alert": config.name, "enabled": config.enabled, "revision": config.revision}


def only_of(whole: Mapping[str, Any], recipient: str) -> dict[str, Any]:
    """What that person sees of it: nobody else's name, address, reading or text, and no provider's answers."""
    decisions = [row for row in whole["decisions"] if _concerns(row, recipient)]
    own = {row["message"] for row in decisions if row["recipient"] == recipient}
    return {
        **whole,
        "emissions": [{**one, "body": _without_people(one["body"])} for one in whole["emissions"]],
        "recipients": [one for one in whole["recipients"] if one["recipient"] == recipient],
        "decisions": decisions,
        "messages": [_without_answers(one) for one in whole["messages"] if one["id"] in own],
        "people": {name: shown for name, shown in whole["people"].items() if name == recipient},
    }


def _concerns(row: Mapping[str, Any], recipient: str) -> bool:
    return bool(row["recipient"] == recipient) or (row["recipient"] is None and row["address"] is None)


def _without_people(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "recipients"}


def _without_answers(message: Mapping[str, Any]) -> dict[str, Any]:
    attempts: Sequence[Mapping[str, Any]] = message.get("attempts", ())
    return {**message, "attempts": [{**one, "answer": None, "reference": None} for one in attempts]}


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    """An address may be a URL with a credential in it."""
    return {**row, "address": row["address"] and mask(row["address"])}


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without inner numbers, its times as text."""
    shown = {name: value for name, value in row.items() if name not in ("notice", "seq", "fence")}
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in shown.items()}
