"""What an operator sets for the message sender. Each channel's own section is declared beside the channel."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from msg_sender.channels.email import EmailSettings
from msg_sender.channels.telegram import TelegramSettings
from msg_sender.channels.webhook import WebhookSettings


class SenderSettings(BaseModel):
    """`database` is by default an SQLite file in the data directory."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str | None = None
    workers: int = Field(
        12, ge=1, le=500, description="messages on the wire at once, shared out evenly to the channels"
    )


class Settings(BaseModel):
    """A channel without its section is not configured: messages for it go to the dead letters and say so."""

    model_config = ConfigDict(frozen=True)

    msg_sender: SenderSettings = SenderSettings()
    email: EmailSettings | None = None
    telegram: TelegramSettings | None = None
    webhook: WebhookSettings | None = None
