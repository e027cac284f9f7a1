"""The models: what they take under which names, what they refuse, and that they do not change."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from wire.config import Config
from wire.event import Event
from wire.message import Message
from wire.notice import DIRECT, SEVERITIES, Notice
from wire.recipient import Recipient

SMALLEST: dict[type[BaseModel], dict[str, Any]] = {
    Event: {"topic": "host", "key": "web 1/é"},
    Config: {"id": "c1", "name": "disk"},
    Notice: {"title": "Disk full"},
    Recipient: {"id": "u1"},
    Message: {"channel": "email", "to": "ann@example.org", "title": "x"},
}
MODELS = list(SMALLEST)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_is_frozen_refuses_strangers_and_survives_the_wire(model: type[BaseModel]) -> None:
    made = model.model_validate(SMALLEST[model])
    with pytest.raises(ValidationError, match="frozen"):
        made.id = "other"  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="Extra inputs"):
        model.model_validate(SMALLEST[model] | {"stranger": 1})
    assert model.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_required_field_is_named_when_it_is_missing(model: type[BaseModel]) -> None:
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    with pytest.raises(ValidationError) as refused:
        model.model_validate({})
    named = {error["loc"][0] for error in refused.value.errors() if error["loc"]}
    assert named == required


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"body": "text"}, "message", "text"),
        ({"message": "text"}, "message", "text"),
        ({"title": "t", "click": "https://x"}, "url", "https://x"),
        ({"fingerprint": "k"}, "key", "k"),
        ({"dedup_key": "k"}, "key", "k"),
        ({"title": "t", "priority": 5}, "severity", "critical"),
        ({"title": "t", "priority": 1}, "severity", "info"),
        ({"title": "t", "severity": "WARN"}, "severity", "warning"),
        ({"title": "t", "severity": "Fatal"}, "severity", "critical"),
        ({"title": "t", "severity": "ok"}, "severity", "success"),
    ],
)
def test_other_systems_words_for_a_notice(given: dict[str, Any], field: str, value: str) -> None:
    assert getattr(Notice.model_validate(given), field) == value


@pytest.mark.parametrize("severity", SEVERITIES)
def test_every_severity_is_itself(severity: str) -> None:
    assert Notice.model_validate({"title": "t", "severity": severity}).severity == severity


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, ()),
        ({"title": ""}, ()),
        ({"title": "t", "severity": "loud"}, ("severity",)),
        ({"title": "t", "priority": 0}, ("priority",)),
        ({"title": "t", "priority": 6}, ("priority",)),
        ({"title": "t", "priority": True}, ("priority",)),
        ({"title": "t", "url": "javascript:alert(1)"}, ("url",)),
        ({"title": "t", "url": "https://x y"}, ("url",)),
        ({"title": "t", "recipients": ["a/b"]}, ("recipients", 0)),
        ({"title": "t", "labels": {"a": 1}}, ("labels", "a")),
        ({"title": 5}, ("title",)),
        ({"title": "t" * 1_001}, ("title",)),
        ({"message": "t" * 200_001}, ("message",)),
        ({"title": "t", "starts_at": "2026-11-20T09:30:00"}, ("starts_at",)),
        ({"title": "t", "status": "open"}, ("status",)),
    ],
)
def test_what_is_no_notice(given: dict[str, Any], path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        Notice.model_validate(given)
    # an error of an aliased field stands under the name by which it was sent, or by the field's own
    where = [error["loc"] for error in refused.value.errors()]
    assert path in where or (path == ("priority",) and ("severity",) in where), where


def test_a_notice_that_no_alert_wrote_says_so() -> None:
    assert Notice(title="t").alert == DIRECT


def test_a_deletion_has_no_data() -> None:
    with pytest.raises(ValidationError, match="data"):
        Event(topic="t", key="k", action="deleted", data={})
    assert Event(topic="t", key="k", action="deleted").data is None


def test_a_config_gives_all_addresses_of_a_channel_as_text() -> None:
    channel = {"chat_id": [-1001, "@ops"], "to": ["a@b.c"], "url": ["https://x"]}
    config = Config.model_validate({"id": "c", "name": "n", "channel": {"telegram": channel}})
    assert config.channel["telegram"].addresses == ("-1001", "@ops", "a@b.c", "https://x")


def test_a_step_waits_ten_minutes_unless_it_says() -> None:
    config = Config.model_validate({"id": "c", "name": "n", "channel": {"email": {}}})
    assert config.model_dump(mode="json")["channel"]["email"]["after"] == "10m"


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "Nowhere/Land"},
        {"timezone": "../../etc/passwd"},
        {"locale": "english language"},
        {"addresses": {"email": "a\r\nBcc: b@c.d"}},
        {"addresses": {"email": ""}},
        {"addresses": {"e mail": "x"}},
        {"id": "a/b"},
    ],
)
def test_what_is_no_recipient(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Recipient.model_validate({"id": "u1"} | change)


def test_a_message_says_something_to_someone() -> None:
    for given in ({"channel": "email", "to": "a@b.c"}, {"channel": "email", "to": "", "title": "t"}):
        with pytest.raises(ValidationError):
            Message.model_validate(given)


def test_a_message_replaces_another_one_and_says_so_only_then() -> None:
    given = {"id": "m1", "channel": "email", "to": "a@b.c", "title": "t"}
    assert Message.model_validate({**given, "replaces": "m0"}).model_dump()["replaces"] == "m0"
    assert "replaces" not in Message.model_validate({**given, "replaces": None}).model_dump()
    with pytest.raises(ValidationError, match="cannot replace itself"):
        Message.model_validate({**given, "replaces": "m1"})
