"""What an operator sets for the message sender. Each channel's own section is declared beside the channel."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from msg_sender.channels.email import EmailSettings
from msg_sender.channels.telegram import TelegramSettings
from msg_sender.channels.webhook import WebhookSettings
from msg_sender.worker import LEASE
from wire.durations import Duration

_SHORTEST, _LONGEST = timedelta(seconds=2), timedelta(seconds=60)


class SenderSettings(BaseModel):
    """`database` is by default an SQLite file in the data directory.

    `lease` is how long the messages of a sender that died wait for the next one; on SQLite they do not wait, since
    there can be no other. After `keep_days` an id may be used anew.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str | None = Field(None, description="sqlite:///FILE or postgresql://…")
    workers: int = Field(
        12, ge=1, le=500, description="messages on the wire at once, shared out evenly to the channels"
    )
    lease: Annotated[Duration, Field(ge=_SHORTEST, le=_LONGEST)] = Field(
        LEASE, description="after which the messages of a sender that died go to another"
    )
    keep_days: int = Field(
        90, ge=1, le=36_500, description="days after which messages that were sent or are dead are forgotten"
    )


class Settings(BaseModel):
    """A channel without its section is not configured: messages for it go to the dead letters and say so."""

    model_config = ConfigDict(frozen=True)

    msg_sender: SenderSettings = SenderSettings()
    email: EmailSettings | None = None
    telegram: TelegramSettings | None = None
    webhook: WebhookSettings | None = None
