"""A message: one text for one channel and one address."""

from __future__ import annotations

import binascii
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from wire.ids import Id, Name
from wire.json_text import JsonObject
from wire.notice import Action, Severity
from wire.recipient import Address
from wire.refusal import Refusal


class Enclosure(BaseModel):
    """A file or picture that goes with the message: by `url`, or in it as `content`, which is base64."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(max_length=255)] = ""
    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = None
    #: Left out where there is none: a message of an older version must be the same message for a newer one.
    content: str | None = Field(None, exclude_if=lambda content: content is None)
    type: Annotated[str, StringConstraints(max_length=127)] = "application/octet-stream"
    size: Annotated[StrictInt, Field(ge=0)] | None = None

    @field_validator("content")
    @classmethod
    def _decodes(cls, content: str | None) -> str | None:
        try:
            binascii.a2b_base64((content or "").encode("ascii"), strict_mode=True)
        except ValueError:
            raise Refusal("expected base64", code="not-base64") from None
        return content

    @model_validator(mode="after")
    def _is_somewhere(self) -> Enclosure:
        if (self.url is None) == (self.content is None):
            raise Refusal("expected either url or content", code="url-or-content")
        return self


class Message(BaseModel):
    """`to` is the channel's address: a mailbox, a chat id, a URL. `message` is Markdown.

    `id` makes handing over the same message twice harmless. `replaces` is the id of an earlier message to the same
    address on the same channel, which this one changes where the channel can do that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id | None = None
    channel: Name
    to: Address
    title: Annotated[str, StringConstraints(max_length=1000)] = ""
    message: Annotated[str, StringConstraints(max_length=200_000)] = ""
    severity: Severity = "info"
    url: Annotated[str, StringConstraints(max_length=2000)] | None = None
    attachments: tuple[Enclosure, ...] = ()
    buttons: tuple[Action, ...] = ()
    template: Name | None = None
    data: JsonObject = Field(default_factory=dict)
    locale: Annotated[str, StringConstraints(max_length=35)] = "en"
    notice: Id | None = None
    in_reply_to: Id | None = None
    #: Left out where there is none, as `content` is.
    replaces: Id | None = Field(None, exclude_if=lambda replaces: replaces is None)

    @field_validator("replaces")
    @classmethod
    def _is_another(cls, replaces: str | None, given: ValidationInfo) -> str | None:
        if replaces is not None and replaces == given.data.get("id"):
            raise Refusal("a message cannot replace itself", code="replaces-itself")
        return replaces

    @model_validator(mode="after")
    def _says_something(self) -> Message:
        if not (self.title or self.message):
            raise Refusal("expected a title or a message", code="empty-message")
        return self
