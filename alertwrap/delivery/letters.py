"""The replies of an alert that wait in its spool, as a load for a courier of their own."""

from __future__ import annotations

from collections.abc import Iterable

from alertwrap.spool.entries import Row
from alertwrap.spool.spool import Spool

#: Where the message sender takes them.
PATH = "/api/v1/messages"


class Letters:
    """The part of the spool that goes to the message sender. What ages in the spool is trimmed with its notices."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    @property
    def pending_count(self) -> int:
        return self._spool.waiting["letters"]

    def pending(self, rows: int, max_bytes: int) -> list[Row]:
        return self._spool.pending(rows, max_bytes, table="letters")

    def done(self, seqs: Iterable[int]) -> None:
        self._spool.done(seqs, "letters")

    def bury(self, row: Row, reason: str) -> None:
        self._spool.bury(row, reason, "letters")

    def trim(self) -> None:
        """Nothing of ours ages."""
