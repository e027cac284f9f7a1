"""What goes into the spool and comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Emission(NamedTuple):
    """One notice to accept. `id` is the alert's own, or None to mint one; `body` is a JSON object without an id.

    With a `key`, it opens (`firing`) or closes that condition. `flaws`: the fields that had to be dropped, and why.
    """

    id: str | None
    body: str
    key: str | None = None
    firing: bool = True
    flaws: tuple[tuple[str, str], ...] = ()


class Burial(NamedTuple):
    """Something that will not be delivered, kept for people to look at."""

    reason: str
    raw: str


class StateChange(NamedTuple):
    """The alert's checkpoint. Without a `key` the whole state is replaced; a `value` of None deletes the key."""

    key: str | None
    value: Any


class Letter(NamedTuple):
    """A reply into a chat, on its way to the message sender. `id` as in Emission; `body` a message without an id."""

    id: str | None
    body: str


Entry = Emission | Burial | StateChange | Letter


class Row(NamedTuple):
    """An accepted notice on its way. `text` is its JSON object, id included."""

    seq: int
    id: str
    text: str


@dataclass(frozen=True)
class Accepted:
    """What became of a batch: accepted notices, repeats that vanished, ids that clashed with another content, and which
    of its changes of the state were refused since the state would have grown too large. The new notices have
    consecutive numbers in the spool up to `last`; `vanished` are the places of the repeats among its notices."""

    new: int = 0
    repeated: int = 0
    conflicts: tuple[str, ...] = ()
    refused_states: tuple[int, ...] = ()
    last: int = 0
    vanished: tuple[int, ...] = ()
