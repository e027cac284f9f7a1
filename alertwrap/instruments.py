"""What the author's kit attaches to a wrapper to listen in and to feed it strange things. In production: nothing.

The kit runs alerts by the very code that production runs; these are the only places where it takes part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from alertwrap.stdin.feed import Feed

#: Bytes that were read from the alert, and from where.
Tap = Callable[[Literal["out", "err"], bytes], None]


def deaf(_: Literal["out", "err"], __: bytes) -> None:
    """Nobody listens in."""


@dataclass(frozen=True)
class Instruments:
    """`feed` makes the lines of a run, `tap` overhears what it says. `dry_run`: nothing that it says goes anywhere."""

    feed: type[Feed] = Feed
    tap: Tap = deaf
    dry_run: bool = False


#: Production.
NONE = Instruments()
