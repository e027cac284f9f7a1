"""An entry of the journal, and the frames that tell of it. Each frame is encoded once, however many hear it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from notifier.cursor import Cursor
from wire.times import rfc3339

_TEXT = 0x81  # RFC 6455 §5.2: final fragment, text


class Frame:
    """One text message: its payload for those in this process, and its bytes on the wire for all others."""

    __slots__ = ("payload", "wire")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.wire = _header(len(payload)) + payload


def frame(**members: Any) -> Frame:
    """A frame of plain values."""
    return Frame(json.dumps(members, separators=(",", ":")).encode())


def close_frame(code: int, reason: str) -> bytes:
    """The bytes of a close frame; `reason` is short ASCII."""
    return bytes((0x88, 2 + len(reason))) + code.to_bytes(2) + reason.encode("ascii")


@dataclass(frozen=True)
class Entry:
    """`data` is JSON text, kept as it was accepted; None when deleted or thin."""

    cursor: Cursor
    id: str
    topic: str
    key: str
    action: str
    data: str | None
    at: datetime

    @property
    def offset(self) -> int:
        return self.cursor.offset

    @cached_property
    def frame(self) -> Frame:
        """Says what happened."""
        data = "" if self.data is None else f',"data":{self.data}'
        return self._frame(self.action, data)

    @cached_property
    def gone(self) -> Frame:
        """Says, to those whose view the entity has left, that for them it is no more."""
        return self._frame("deleted", "")

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The data, parsed."""
        return json.loads(self.data) if self.data else {}

    def _frame(self, action: str, data: str) -> Frame:
        return Frame(
            f'{{"type":"event","topic":"{self.topic}","key":{quoted(self.key)},"action":"{action}"{data}'
            f',"at":"{rfc3339(self.at)}","cursor":"{self.cursor}"}}'.encode()
        )


def _header(length: int) -> bytes:
    if length < 126:
        return bytes((_TEXT, length))
    if length < 65536:
        return bytes((_TEXT, 126)) + length.to_bytes(2)
    return bytes((_TEXT, 127)) + length.to_bytes(8)
