"""A recipient: a person whom notices concern."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from wire.ids import Name, Segment
from wire.refusal import Refusal

#: Once: it walks the whole time zone database, some 40 ms.
_timezones = cache(available_timezones)


def _known_timezone(name: str) -> str:
    if name != "UTC" and name not in _timezones():
        said = 'expected a name of the IANA time zone database, such as "Europe/Berlin"'
        raise Refusal(said, code="unknown-timezone")
    return name


Address = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\r\n\x00]+$")]


class Recipient(BaseModel):
    """`addresses` maps a channel to this person's address on it: `{"email": "ann@example.org", "telegram": "42"}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Segment
    name: Annotated[str, StringConstraints(max_length=400)] = ""
    addresses: dict[Name, Address] = Field(default_factory=dict)
    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")] = "en"
    timezone: Annotated[str, AfterValidator(_known_timezone)] = "UTC"
    roles: tuple[Name, ...] = ()
