"""A place in the journal: `epoch:offset`. The epoch is made with the journal, so a lost journal is noticed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wire.refusal import Refusal

#: 18 digits: below 2^63, which is what the databases count with.
_FORM = re.compile(r"([A-Za-z0-9-]{1,64}):(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """`offset` counts the events of the whole journal, of all topics, in commit order."""

    epoch: str
    offset: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.offset}"


def parse(text: str) -> Cursor:
    """Raises ValueError when it is none of ours."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise Refusal('expected a cursor such as "epoch:42"', code="not-a-cursor")
    return Cursor(found[1], int(found[2]))
