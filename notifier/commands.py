"""What a follower may say, and what is answered when it says something else."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from notifier import cursor
from notifier.cursor import Cursor
from notifier.hub import View
from service_kit.problems import field_errors
from wire.ids import Name
from wire.json_text import JsonError, decode

#: A command is a few hundred bytes; this is generous.
_MAX_TEXT = 16 * 1024
#: Conditions of one subscription.
_MAX_WHERE = 8
_MAX_VALUE = 400

#: The cursor of who has the state from elsewhere, or needs none.
NOW = "now"

Text = Annotated[str, StringConstraints(max_length=_MAX_VALUE)]


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Auth(_Command):
    """The first frame of those who cannot set a header: browsers."""

    type: Literal["auth"]
    token: Annotated[str, StringConstraints(min_length=1, max_length=8_192)]


class Subscribe(_Command):
    """`where` are fields of the data and the values they must have; `since` is a cursor that was heard before, or
    "now": only what is to come."""

    type: Literal["subscribe"]
    topic: Name
    where: Annotated[dict[Text, Text | StrictInt | StrictFloat | StrictBool | None], Field(max_length=_MAX_WHERE)] = {}
    since: Cursor | Literal["now"] | None = None

    @field_validator("since", mode="before")
    @classmethod
    def _parsed(cls, value: object) -> object:
        return cursor.parse(value) if isinstance(value, str) and value != NOW else value

    def view(self, prefix: str) -> View:
        """What the subscriber sees, of keys with this prefix."""
        return View(
            self.topic,
            prefix,
            tuple((name, isinstance(self.where[name], bool), self.where[name]) for name in sorted(self.where)),
        )


class Unsubscribe(_Command):
    type: Literal["unsubscribe"]
    topic: Name


class Ping(_Command):
    type: Literal["ping"]


Command = Auth | Subscribe | Unsubscribe | Ping
_ADAPTER: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="type")])
_TYPES = ("auth", "subscribe", "unsubscribe", "ping")


class BadFrame(Exception):
    """Not a command. `code` is stable; `topic` is the one that the frame spoke of, if it named one."""

    def __init__(self, code: str, message: str, topic: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.topic = topic


def parse(text: str | None) -> Command:
    """A text frame → the command; None stands for a binary frame. Raises BadFrame."""
    if text is None or len(text) > _MAX_TEXT:
        raise BadFrame("malformed", f"expected text frames of at most {_MAX_TEXT} characters")
    try:
        value = decode(text.encode())
    except (JsonError, UnicodeEncodeError) as error:
        raise BadFrame("malformed", str(error)) from None
    if not isinstance(value, dict) or value.get("type") not in _TYPES:
        raise BadFrame("unknown-type", f"expected an object with a type of {', '.join(_TYPES)}")
    try:
        return _ADAPTER.validate_python(value)
    except ValidationError as error:
        raise BadFrame("invalid", _why(error, value["type"]), _topic(value)) from None


def _why(error: ValidationError, kind: str) -> str:
    found = field_errors(error.errors(include_url=False, include_input=False))
    return "; ".join(f"{item.path.removeprefix('/' + kind) or 'frame'}: {item.message}" for item in found)


def _topic(value: dict[str, Any]) -> str | None:
    topic = value.get("topic")
    return topic if isinstance(topic, str) else None
