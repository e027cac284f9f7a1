"""A notice: what an alert says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, Union

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict

from wire.event import Key
from wire.ids import Id, Name, Segment
from wire.json_text import JsonObject
from wire.refusal import Refusal
from wire.times import Timestamp

SEVERITIES = ("info", "success", "warning", "error", "critical")
Severity = Literal["info", "success", "warning", "error", "critical"]
_EXACT = frozenset(SEVERITIES)

#: Words and numbers of other systems for the same thing; `priority` counts 1 (min) to 5 (max).
_SEVERITY_ALIASES = {
    "debug": "info", "notice": "info", "ok": "success", "warn": "warning", "err": "error", "failure": "error",
    "fatal": "critical", "emergency": "critical", "alert": "critical", "page": "critical",
}  # fmt: skip
_PRIORITIES = ("info", "info", "warning", "error", "critical")

#: The alert's name of a notice that no alert wrote: posted by hand or by another program.
DIRECT = "direct"


def _severity(value: object) -> object:
    if isinstance(value, str) and value in _EXACT:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= len(_PRIORITIES):
        return _PRIORITIES[value - 1]
    return _SEVERITY_ALIASES.get(value.lower(), value.lower()) if isinstance(value, str) else value


class EntityRef(BaseModel):
    """The entity that a notice speaks of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: Name
    key: Key


class Action(BaseModel):
    """A button under the notice: a link when it has a `url`, else an answer with its `id`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id | None = None
    label: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    url: Annotated[str, StringConstraints(max_length=2000)] | None = None


class Attachment(BaseModel):
    """A file or picture that goes with the notice, by URL."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(max_length=255)] = ""
    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    type: Annotated[str, StringConstraints(max_length=127)] = "application/octet-stream"
    size: Annotated[StrictInt, Field(ge=0)] | None = None


class Notice(BaseModel):
    """One emission. At least one of `title`, `message` (Markdown) and `key` must be there.

    `id` names this emission and makes repeating it harmless. `key` names the condition: the same alert and key
    updates the open notice, `resolved` closes it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id | None = None
    alert: Name = DIRECT
    config: Id | None = None
    key: Annotated[str, StringConstraints(min_length=1, max_length=400)] | None = Field(
        None, validation_alias=AliasChoices("key", "fingerprint", "dedup_key")
    )
    status: Literal["firing", "resolved"] = "firing"
    severity: Annotated[Severity, BeforeValidator(_severity)] = Field(
        "info", validation_alias=AliasChoices("severity", "priority")
    )
    title: Annotated[str, StringConstraints(max_length=1000)] = ""
    message: Annotated[str, StringConstraints(max_length=200_000)] = Field(
        "", validation_alias=AliasChoices("message", "body")
    )
    entity: EntityRef | None = None
    recipients: tuple[Segment, ...] = ()
    url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^(https?://|/)[^\s\x00]*$")] | None = Field(
        None, validation_alias=AliasChoices("url", "click")
    )
    labels: dict[str, str] = Field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    data: JsonObject = Field(default_factory=dict)
    starts_at: Timestamp | None = None
    ends_at: Timestamp | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Notice:
        if not (self.title or self.message or self.key):
            raise Refusal("expected at least one of title, message, key", code="empty-notice")
        return self


def validate_given(text: bytes) -> dict[str, Any]:
    """JSON text of a notice → the members that it gives; raises ValidationError as `Notice` does.

    Half the work of the model: an intake only wants to know whether it may keep the text. What is refused here is
    shown to the model, which says why.
    """
    try:
        given = _given(text)
        if given.get("title") or given.get("message") or given.get("key"):
            return given
    except ValidationError:
        pass
    return Notice.model_validate_json(text).model_dump(exclude_unset=True)


def _typed_dict() -> Callable[[bytes], dict[str, Any]]:
    """Takes the fields of `Notice`, and holds only what was given. A severity in our own words needs no Python."""
    fields = {name: _kind(field) for name, field in Notice.model_fields.items()}
    either: Any = Union[Severity, Annotated[Severity, BeforeValidator(_severity)]]  # noqa: UP007
    fields["severity"] = Annotated[either, Field(validation_alias=Notice.model_fields["severity"].validation_alias)]
    make: Any = TypedDict
    given = make("Given", fields, total=False)
    given.__pydantic_config__ = Notice.model_config
    return TypeAdapter[dict[str, Any]](given).validator.validate_json


def _kind(field: FieldInfo) -> Any:
    return Annotated[field.annotation, *field.metadata, Field(validation_alias=field.validation_alias)]


_given = _typed_dict()
