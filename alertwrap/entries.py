"""What goes into the spool and comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Emission(NamedTuple):
    """One notice to accept. `id` is the alert's own, or None to mint one; `body` is a JSON object without an id.

    With a `key`, it opens (`firing`) or closes that condition.
    """

    id: str | None
    body: str
    key: str | None = None
    firing: bool = True


class Burial(NamedTuple):
    """Something that will not be delivered, kept for people to look at."""

    reason: str
    raw: str


class StateChange(NamedTuple):
    """The alert's checkpoint. Without a `key` the whole state is replaced; a `value` of None deletes the key."""

    key: str | None
    value: Any


Entry = Emission | Burial | StateChange


class Row(NamedTuple):
    """An accepted notice on its way. `text` is its JSON object, id included."""

    seq: int
    id: str
    text: str


@dataclass(frozen=True)
class Accepted:
    """What became of a batch: accepted notices, repeats that vanished, ids that clashed with another content, and how
    many changes of the state were refused since it would have grown too large."""

    new: int = 0
    repeated: int = 0
    conflicts: tuple[str, ...] = ()
    refused_states: int = 0
