"""Settings of the configurator."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from wire.durations import Duration, parse


class ConfiguratorSettings(BaseModel):
    """The section `[configurator]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str | None = Field(None, description="URL; an SQLite file in the data directory when it is not set")
    session: Duration = Field(parse("14d"), description="how long a person stays signed in; use does not lengthen it")
    invite: Duration = Field(parse("7d"), description="how long an invite can be accepted")
    audit: Duration = Field(parse("180d"), description="how long the audit trail is kept")


class Settings(BaseModel):
    """The sections that the configurator owns."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    configurator: ConfiguratorSettings = ConfiguratorSettings()
