"""What a run of an alert and the wrapper tell each other beyond notices: features, acks, verdicts, errors, farewells.

One thread hears the alert, another speaks to it and decides about its process; here is where they meet. Whatever waits
here is bounded: the latest value of each, said when there is room to write.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from alertwrap.spool.entries import Accepted
from alertwrap.stdin.world import Item
from wire.times import rfc3339, utc_now

#: What `hello` may turn on.
FEATURES = ("ack", "delivered", "errors", "ping", "resync", "shutdown", "verdict")
ACK, DELIVERED, PING, RESYNC, SHUTDOWN = (Item(name) for name in ("ack", "delivered", "ping", "resync", "shutdown"))
REJECT = "reject"
#: By what an alert says how far it has dealt with the answers of people.
Checkpoint = Literal["state", "ack"]
#: Lines that wait to be told, and marks of what is on its way; the oldest give way to the newest.
_REJECTS, _REJECTED, _MARKS = 100, 1_000, 8_192


@dataclass(frozen=True)
class Verdict:
    """What the alert thinks of the config line of this `rev`; no errors means that it is right."""

    rev: int
    errors: tuple[str, ...] = ()
    restart: bool = False


@dataclass(frozen=True)
class Trouble:
    """What the alert said of its own end. `for_good`: not to be started again as things are."""

    detail: str
    for_good: bool
    retry_in: float | None = None


class Conversation:
    """`urge` has a line written soon; `wake` has the main thread look. Both may be called from any thread."""

    def __init__(self, urge: Callable[[Item], None], wake: Callable[[], None]) -> None:
        self._urge = urge
        self._wake = wake
        self._lock = threading.Lock()
        self._features: frozenset[str] = frozenset()
        self._acked: int | None = None
        self._marks: deque[tuple[int, int]] = deque()
        self._delivered: int | None = None
        self._rejected: deque[dict[str, Any]] = deque(maxlen=_REJECTED)
        self._rejects: dict[str, dict[str, Any]] = {}
        self._reject_count = 0
        self._pings = 0
        self._farewell: tuple[str, float] = ("", 0.0)
        self._verdict: Verdict | None = None
        self._settled: set[str] | Literal["all"] = set()
        self._again = False
        self.trouble: Trouble | None = None
        self.schema: dict[str, Any] | None = None
        self.checkpoints: Checkpoint | None = None

    def wants(self, feature: str) -> bool:
        """Whether the alert has turned this on."""
        return feature in self._features

    def hello(self, features: Sequence[str], schema: dict[str, Any] | None) -> None:
        self._features = frozenset(features) & frozenset(FEATURES)
        self.schema = schema
        self._wake()

    def accepted(self, accepted: Accepted, seqs: Sequence[int | None], highest: int | None) -> None:
        """A batch is durable; `seqs` are the alert's numbers of its notices, in order, `highest` that of any line."""
        if highest is None:
            return
        with self._lock:
            self._acked = max(highest, self._acked or 0)
            if "delivered" in self._features:
                self._mark(accepted, seqs)
        if self.wants("ack"):
            self._urge(ACK)
            self._wake()

    def _mark(self, accepted: Accepted, seqs: Sequence[int | None]) -> None:
        """Remember which row of the spool carries which number; a repeat counts as delivered with the row before."""
        vanished = set(accepted.vanished)
        row = accepted.last - accepted.new
        for place, seq in enumerate(seqs):
            row += place not in vanished
            if seq is not None:
                self._marks.append((row, seq))
        while len(self._marks) > _MARKS:  # what is told is cumulative, so that every second one will do
            self._marks = deque(list(self._marks)[1::2])

    def settled(self, first_waiting: int | None) -> None:
        """The notice center has everything before this row of the spool, or all there is."""
        with self._lock:
            before = self._delivered
            while self._marks and (first_waiting is None or self._marks[0][0] < first_waiting):
                self._delivered = max(self._marks.popleft()[1], self._delivered or 0)
            news = self._delivered != before or bool(self._rejected)
        if news and self.wants("delivered"):
            self._urge(DELIVERED)
            self._wake()

    def undeliverable(self, row: int, name: str, reason: str) -> None:
        """The notice center refused the one in this row for good."""
        with self._lock:
            seq = next((seq for known, seq in self._marks if known == row), None)
            self._rejected.append({"seq": seq, "id": name, "reason": reason[:500]})

    def reject(self, seq: int | None, name: str | None, reason: str, path: str = "") -> None:
        """A line was not taken as it is."""
        if not (self.wants("errors") or self.wants("ack")):
            return
        with self._lock:
            if len(self._rejects) >= _REJECTS:
                return
            self._reject_count += 1
            key = str(self._reject_count)
            self._rejects[key] = {"seq": seq, "id": name, "reason": reason[:500], "path": path}
        self._urge(Item(REJECT, key))
        self._wake()

    def judge(self, verdict: Verdict) -> None:
        """The alert has looked at a config."""
        self._verdict = verdict
        self._wake()

    def complain(self, trouble: Trouble) -> None:
        """The alert said what is wrong with it, or that it goes; what was said last counts, for good stays for good."""
        if self.trouble is None or not self.trouble.for_good or trouble.for_good:
            self.trouble = trouble
        self._wake()

    def settle(self, name: str | None, by: Checkpoint) -> None:
        """The alert has dealt with this answer, or with all that it has read. A state says nothing of one that acks."""
        if (by, self.checkpoints) == ("state", "ack"):
            return
        with self._lock:
            if name is None:
                self._settled = "all"
            elif self._settled != "all":
                self._settled.add(name)
        self.checkpoints = by
        self._wake()

    def ask_again(self) -> None:
        """The alert wants to be told everything again."""
        self._again = True
        self._wake()

    def take_again(self) -> bool:
        again, self._again = self._again, False
        return again

    def take_verdict(self) -> Verdict | None:
        verdict, self._verdict = self._verdict, None
        return verdict

    def take_settled(self) -> set[str] | Literal["all"]:
        """The answers that were dealt with since the last call."""
        with self._lock:
            settled, self._settled = self._settled, set()
            return settled

    def ping(self) -> None:
        if self.wants("ping"):
            self._urge(PING)

    def farewell(self, reason: str, seconds: float) -> None:
        """The end is near; the alert has so long."""
        self._farewell = (reason, seconds)
        if self.wants("shutdown"):
            self._urge(SHUTDOWN)

    def line(self, item: Item) -> dict[str, Any] | None:
        """The message for an item that was urged; None when there is nothing left to say."""
        with self._lock:
            said = self._said(item)
        return None if said is None else {"type": item.topic, "at": rfc3339(utc_now()), **said}

    def _said(self, item: Item) -> dict[str, Any] | None:
        if item == ACK:
            return {"seq": self._acked}
        if item == DELIVERED:
            rejected = list(self._rejected)
            self._rejected.clear()
            return {"seq": self._delivered or 0, "rejected": rejected}
        if item == PING:
            self._pings += 1
            return {"seq": self._pings}
        if item == SHUTDOWN:
            reason, seconds = self._farewell
            return {"reason": reason, "deadline_ms": int(seconds * 1000)}
        return {} if item == RESYNC else self._rejects.pop(item.key, None)
