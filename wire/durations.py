"""Durations as people write them: `90s`, `15m`, `2h`, `1d`, and `0` for at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from wire.refusal import Refusal

_FORM = re.compile(r"([0-9]{1,9})(s|m|h|d)")
_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86400}

#: Beyond a year a delay is a mistake, not a wish.
LONGEST = timedelta(days=366)


def parse(text: object) -> timedelta:
    """`"15m"` → 15 minutes. Raises ValueError naming the forms that are understood."""
    if isinstance(text, timedelta):
        return text
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if (text not in ("0", 0) and found is None) or isinstance(text, bool):
        raise Refusal('expected a duration such as "90s", "15m", "2h", "1d" or "0"', code="not-a-duration")
    span = timedelta(seconds=int(found[1]) * _UNIT[found[2]]) if found else timedelta()
    if span > LONGEST:
        raise Refusal("expected at most {longest}", code="long-duration", longest=render(LONGEST))
    return span


def render(span: timedelta) -> str:
    """The shortest form that `parse` reads back: whole seconds, in the largest unit that divides them."""
    seconds = int(span.total_seconds())
    if seconds == 0:
        return "0"
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % _UNIT[unit] == 0)
    return f"{seconds // _UNIT[unit]}{unit}"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse),
    PlainSerializer(render, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(0|[0-9]{1,9}[smhd])$", "examples": ["15m"]}),
]
