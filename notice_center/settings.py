"""Settings of the notice center: the section `[notice_center]`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class NoticeCenterSettings(BaseModel):
    """`database`: a URL such as `postgresql://host/notices`; without it an SQLite file in the data directory.

    `keep_days`: notices that are over (resolved or not, with nothing due and nothing unread) are deleted after this,
    and so are the single lines of a condition that is said again and again.
    `max_backlog`: so many notices may wait to be worked through; beyond it producers are asked to wait.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str | None = Field(None, description="postgresql://… or sqlite:///FILE")
    keep_days: int = Field(90, ge=1, le=3650, description="days after which notices that are over go")
    max_backlog: int = Field(200_000, ge=1000, description="notices that may wait to be worked through")


class Settings(BaseModel):
    """What the notice center reads besides `Common`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    notice_center: NoticeCenterSettings = NoticeCenterSettings()
