"""Alert Lines, version 1: bytes that an alert printed → events, with bounded memory and no I/O.

An alert may print anything: pretty-printed JSON, half a line, a gigabyte without a newline, no JSON at all. Whatever
it was, it comes out of here as an event; nothing is dropped without one.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from alertwrap.stdout.json_line import UNFIT, Message, Unreadable, decode, plain, read

#: One line from the alert; beyond it the head is kept and the rest skipped.
MAX_LINE = 1024 * 1024
#: How much of an unreadable line travels on: enough to see what it was.
KEPT = 16 * 1024
#: A message spread over several lines may take this much: lines, bytes, seconds.
JOIN_LINES, JOIN_BYTES, JOIN_SECONDS = 256, 64 * 1024, 1.0

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\x0b\x0c"


class Text(NamedTuple):
    """A line that is not meant as JSON: it goes to the log."""

    text: str


class Malformed(NamedTuple):
    """Meant as JSON, but unreadable. `raw` is its head, at most KEPT characters."""

    reason: str
    raw: str


Event = Message | Text | Malformed


class Framer:
    """Cuts one stream into events. `text`: every line is a notice's title (`format = "text"`)."""

    def __init__(self, *, text: bool = False, max_line: int = MAX_LINE) -> None:
        self._text = text
        self._max_line = max_line
        self._rest = bytearray()
        self._skipping = False
        self._joining: list[bytes] = []
        self.deadline: float | None = None

    def feed(self, data: bytes, now: float) -> list[Event]:
        """Take what was read; `now` is monotonic seconds. Returns the events that are complete."""
        events: list[Event] = []
        data = self._after_skipped(data)
        if b"\n" in data:
            *lines, rest = bytes(self._rest + data).split(b"\n")
            self._rest = bytearray(rest)
            for line in lines:
                self._take(line, now, events)
        else:
            self._rest += data
        if len(self._rest) > self._max_line:
            events.append(self._oversize(bytes(self._rest)))
            self._rest.clear()
            self._skipping = True
        return events

    def expire(self, now: float) -> list[Event]:
        """To be called at `deadline`: a message that never got complete is given up."""
        events: list[Event] = []
        if self.deadline is not None and now >= self.deadline:
            self._give_up("not closed in time", events)
        return events

    def end(self, now: float) -> list[Event]:
        """The stream has ended: a last line without newline counts if it parses."""
        events: list[Event] = []
        if self._rest:
            self._take(bytes(self._rest), now, events)
            self._rest.clear()
        if self._joining:
            self._give_up("cut off at the end of the output", events)
        return events

    def _after_skipped(self, data: bytes) -> bytes:
        if not self._skipping:
            return data
        end = data.find(b"\n")
        self._skipping = end < 0
        return b"" if self._skipping else data[end + 1 :]

    def _take(self, raw: bytes, now: float, events: list[Event]) -> None:
        if len(raw) > self._max_line:
            events.append(self._oversize(raw))
            return
        if raw[:1] == b"{" and not self._joining and not self._text:
            self._json(raw.rstrip(_BLANK), now, events)
            return
        line = raw.strip(_BLANK)
        if line.startswith(_BOM):
            line = line[len(_BOM) :].lstrip(_BLANK)
        if not line:
            return
        if self._text:
            events.append(_title(line))
        elif self._joining:
            self._join(line, now, events)
        elif line[0] in b"{[":
            self._json(line, now, events)
        else:
            events.append(Text(decode(line)[0]))

    def _json(self, line: bytes, now: float, events: list[Event]) -> None:
        message = plain(line)
        if message is not None:
            events.append(message)
            return
        try:
            events.extend(read(line))
        except Unreadable as error:
            if error.incomplete and len(line) <= JOIN_BYTES:
                self._joining = [line]
                self.deadline = now + JOIN_SECONDS
            else:
                events.append(_malformed(error.reason, line))

    def _join(self, line: bytes, now: float, events: list[Event]) -> None:
        joined = b"\n".join([*self._joining, line])
        try:
            events.extend(read(joined))
            self._forget()
        except Unreadable as error:
            if error.incomplete and len(self._joining) < JOIN_LINES and len(joined) <= JOIN_BYTES:
                self._joining.append(line)
                return
            self._give_up(error.reason, events)
            self._take(line, now, events)

    def _give_up(self, reason: str, events: list[Event]) -> None:
        """What cannot become a message is malformed; whole messages that it had swallowed come out again."""
        lost: list[bytes] = []
        rescued: list[Message] = []
        for line in self._joining:
            found = _rescue(line)
            rescued.extend(found)
            lost.extend([] if found else [line])
        self._forget()
        events.append(_malformed(reason, b"\n".join(lost)))
        events.extend(rescued)

    def _forget(self) -> None:
        self._joining = []
        self.deadline = None

    def _oversize(self, head: bytes) -> Malformed:
        return _malformed(f"a line of more than {self._max_line} bytes", head)


def _rescue(line: bytes) -> list[Message]:
    try:
        found = read(line)
    except Unreadable:
        return []
    return found if all(item.body.keys() & {"title", "message", "key", "type"} for item in found) else []


def _title(line: bytes) -> Message:
    text, flags = decode(line)
    clean = UNFIT.sub("\ufffd", text)
    body: dict[str, Any] = {"title": clean} if len(clean) <= 1000 else {"title": clean[:999] + "…", "message": clean}
    return Message(body, flags)


def _malformed(reason: str, raw: bytes) -> Malformed:
    return Malformed(reason, UNFIT.sub("\ufffd", decode(raw[:KEPT])[0]))


def line(message: dict[str, Any]) -> bytes:
    """One line to the alert: ASCII only, so that every code page reads it."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
