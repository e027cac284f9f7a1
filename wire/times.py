"""Points in time: RFC 3339, always UTC, with microseconds at most."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer, WithJsonSchema

from wire.refusal import Refusal


def utc_now() -> datetime:
    """Now, aware, in UTC. The one place that reads the wall clock for the wire."""
    return datetime.now(UTC)


def rfc3339(at: datetime) -> str:
    """`2026-11-20T09:30:00.000000Z`: fixed width, so that text order is time order."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Refusal("expected a time between the years 1 and 9999 in UTC", code="time-out-of-range") from None


Timestamp = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
