"""How points in time are stored: whole microseconds, so that both databases order and compare them alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Time(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as whole microseconds since 1970: the same order on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


def micros(at: datetime) -> int:
    """An aware datetime → microseconds since 1970 UTC."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """Microseconds since 1970 UTC → aware datetime."""
    return _EPOCH + timedelta(microseconds=value)
