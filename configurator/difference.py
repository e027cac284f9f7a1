"""What differs between two JSON values, member by member. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wire.json_text import pointer

_ABSENT = object()
Path = tuple[int | str, ...]


@dataclass(frozen=True)
class Difference:
    """`before` and `after` are JSON values; None as well when the member was not there."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, at: Path = ()) -> Iterator[Difference]:
    """Objects are compared by member, everything else, lists too, as a whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from differences(before.get(name, _ABSENT), after.get(name, _ABSENT), (*at, name))
    elif not _same(before, after):
        yield Difference(pointer(at), _shown(before), _shown(after))


def _same(before: Any, after: Any) -> bool:
    """As JSON sees it: true is not 1, not in a list either."""
    if before is _ABSENT or after is _ABSENT:
        return before is after
    return json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)


def _shown(value: Any) -> Any:
    return None if value is _ABSENT else value
