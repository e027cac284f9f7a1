"""Settings of the configurator."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ConfiguratorSettings(BaseModel):
    """The section `[configurator]`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str | None = Field(None, description="URL; an SQLite file in the data directory when it is not set")


class Settings(BaseModel):
    """The sections that the configurator owns."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    configurator: ConfiguratorSettings = ConfiguratorSettings()
