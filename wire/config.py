"""A config: what an operator set for an alert."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from wire.durations import Duration, parse
from wire.ids import Name, Segment
from wire.json_text import JsonObject

#: How long a notice may stay unread before a step that does not say runs.
DEFAULT_AFTER = parse("10m")

ChatId = Annotated[str, StringConstraints(min_length=1, max_length=200)] | StrictInt


class ChannelSettings(BaseModel):
    """One step: whom to write to by this channel, and how long the notice may stay unread before.

    A step that names no receiver goes to everyone whom the notice concerns.
    `chat_id`, `to` and `url` are addresses of the channel itself: a chat, a mailbox, a webhook.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipients: tuple[Segment, ...] = ()
    after: Duration = DEFAULT_AFTER
    chat_id: tuple[ChatId, ...] = ()
    to: tuple[Annotated[str, StringConstraints(min_length=1, max_length=2000)], ...] = ()
    url: tuple[Annotated[str, StringConstraints(min_length=1, max_length=2000)], ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The channel's own addresses, as text."""
        return tuple(str(address) for address in (*self.chat_id, *self.to, *self.url))


class Config(BaseModel):
    """`name` selects the alert. `metric` reaches the alert unchanged. `channel` maps a channel to its settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Segment
    name: Name
    metric: JsonObject = Field(default_factory=dict)
    channel: dict[Name, ChannelSettings] = Field(default_factory=dict)
    enabled: StrictBool = True
    revision: Annotated[StrictInt, Field(ge=1)] = 1
