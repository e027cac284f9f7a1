"""What the notifier reads from the settings: the section `[notifier]`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from wire.durations import Duration, parse
from wire.ids import Name


class Window(BaseModel):
    """How many past events of a topic are kept, and how long. Within it followers resume and ids are remembered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(100_000, ge=1, description="past events of a topic that are kept")
    age: Duration = Field(parse("1d"), description="and for how long")


class NotifierSettings(BaseModel):
    """The journal: where it is, and how far back it goes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str | None = Field(None, description="sqlite:///FILE; by default in the data directory")
    window: Window = Window()
    topics: dict[Name, Window] = Field(
        default_factory=dict, description='windows of single topics: {"host.load": {"count": 1000}}'
    )
    inbox_age: Duration = Field(parse("30d"), description="inbox entries untouched for longer leave the snapshot")
    inbox_newest: int = Field(500, ge=1, description="entries in a snapshot of the topic inbox")
    followers: int = Field(20_000, ge=1, description="open websockets; beyond, new ones are asked to come later")


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True)

    notifier: NotifierSettings = NotifierSettings()
