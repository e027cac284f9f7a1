"""What an operator wants of an alert. A hold outlives the process; it ends with a restart."""

from __future__ import annotations

from typing import Literal

from alertwrap.log import Log
from alertwrap.spool.spool import Spool, SpoolFull

Order = Literal["operator", "hold"]
#: Under this name the spool remembers the hold.
_HELD = "held"


class Orders:
    """Given from any thread, taken by the main thread; the last one counts."""

    def __init__(self, spool: Spool, log: Log) -> None:
        self._spool = spool
        self._log = log
        self._order: Order | None = None

    @property
    def held(self) -> bool:
        """Whether it was held when this process began."""
        return bool(self._spool.recall(_HELD))

    def give(self, order: Order) -> None:
        """`operator` starts it anew, also when it is held; `hold` stops it until then."""
        try:
            self._spool.remember(_HELD, True if order == "hold" else None)
        except SpoolFull as error:
            self._log.error("whether the alert is held cannot be remembered now", reason=error)
        self._order = order

    def take(self) -> Order | None:
        order, self._order = self._order, None
        return order
