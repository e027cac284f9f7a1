"""Who changes something, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service_kit.auth import Principal


@dataclass(frozen=True)
class Author:
    """`now` is also when it is said to have happened."""

    who: Principal
    now: datetime
