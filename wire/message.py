"""A message: one text for one channel and one address."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from wire.ids import Id, Name
from wire.json_text import JsonObject
from wire.notice import Action, Attachment, Severity
from wire.recipient import Address
from wire.refusal import Refusal


class Message(BaseModel):
    """`to` is the channel's address: a mailbox, a chat id, a URL. `message` is Markdown.

    `id` makes handing over the same message twice harmless.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id | None = None
    channel: Name
    to: Address
    title: Annotated[str, StringConstraints(max_length=1000)] = ""
    message: Annotated[str, StringConstraints(max_length=200_000)] = ""
    severity: Severity = "info"
    url: Annotated[str, StringConstraints(max_length=2000)] | None = None
    attachments: tuple[Attachment, ...] = ()
    buttons: tuple[Action, ...] = ()
    template: Name | None = None
    data: JsonObject = Field(default_factory=dict)
    locale: Annotated[str, StringConstraints(max_length=35)] = "en"
    notice: Id | None = None
    in_reply_to: Id | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Message:
        if not (self.title or self.message):
            raise Refusal("expected a title or a message", code="empty-message")
        return self
