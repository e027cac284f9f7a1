"""What a follower hears, and how the frames on the wire become it. Shared by both clients; imports nothing heavy."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Where the stream is, on every notifier.
PATH = "/api/v1/follow"
#: First pause after a failure, and the longest.
_FIRST_SECONDS, _LONGEST_SECONDS = 0.2, 30.0
#: Silence after which a client asks "are you there"; after as much again without an answer the connection is dead.
IDLE_SECONDS = 20.0


@dataclass(frozen=True)
class Snapshot:
    """The whole state of a topic as of `cursor`: it replaces whatever the follower held. `{}` for a thin entity."""

    topic: str
    items: dict[str, dict[str, Any]]
    cursor: str


@dataclass(frozen=True)
class Change:
    """One change after the snapshot. `data` is None when the entity was deleted, or when the event was thin."""

    topic: str
    key: str
    action: str
    data: dict[str, Any] | None
    cursor: str


class Refused(Exception):
    """The notifier said no: `code` as in its error frame."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass
class Feed:
    """One topic as heard over any number of connections: remembers the cursor, puts pages of a snapshot together."""

    topic: str
    cursor: str | None = None
    _pages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def subscribe(self) -> str:
        """The frame that starts or resumes this topic. Pages of a snapshot that was cut off are forgotten."""
        self._pages = {}
        since = {"since": self.cursor} if self.cursor else {}
        return json.dumps({"type": "subscribe", "topic": self.topic, **since})

    def take(self, frame: dict[str, Any]) -> Snapshot | Change | None:
        """The value that `frame` completes, if any. Raises Refused for an error about this topic."""
        match frame.get("type"):
            case "event":
                return self._change(frame)
            case "snapshot":
                return self._snapshot(frame)
            case "resync":
                self.cursor = None
            case "error":
                raise Refused(str(frame.get("code")), str(frame.get("message")))
        return None

    def _change(self, frame: dict[str, Any]) -> Change | None:
        if self.cursor is not None and not _after(frame["cursor"], self.cursor):
            return None  # heard before
        self.cursor = frame["cursor"]
        return Change(self.topic, frame["key"], frame["action"], frame.get("data"), frame["cursor"])

    def _snapshot(self, frame: dict[str, Any]) -> Snapshot | None:
        self._pages.update({item["key"]: item["data"] or {} for item in frame["items"]})
        if frame["more"]:
            return None
        items, self._pages = self._pages, {}
        self.cursor = frame["cursor"]
        return Snapshot(self.topic, items, frame["cursor"])


def pause(failures: int, chance: Callable[[], float]) -> float:
    """Seconds to wait after so many failures in a row: full jitter, so that a thousand followers do not return at once.

    `chance` answers a number from 0 to 1.
    """
    return chance() * float(min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(failures, 20)))


def _after(cursor: str, other: str) -> bool:
    epoch, _, offset = cursor.rpartition(":")
    other_epoch, _, other_offset = other.rpartition(":")
    return epoch != other_epoch or int(offset) > int(other_offset)
