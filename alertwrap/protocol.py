"""Alert Lines, version 1: bytes that an alert printed → events, with bounded memory and no I/O.

An alert may print anything: pretty-printed JSON, half a line, a gigabyte without a newline, no JSON at all. Whatever
it was, it comes out of here as an event; nothing is dropped without one.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple

from wire import json_text

#: One line from the alert; beyond it the head is kept and the rest skipped.
MAX_LINE = 1024 * 1024
#: How much of an unreadable line travels on: enough to see what it was.
KEPT = 16 * 1024
#: A message spread over several lines may take this much: lines, bytes, seconds.
JOIN_LINES, JOIN_BYTES, JOIN_SECONDS = 256, 64 * 1024, 1.0

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\x0b\x0c"
#: Escapes that parse in Python but cannot travel.
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89abAB])")
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_KEY = re.compile(r'"\s*:')


class Message(NamedTuple):
    """One JSON object. `flags` names what had to be repaired in it."""

    body: dict[str, Any]
    flags: tuple[str, ...] = ()


class Text(NamedTuple):
    """A line that is not meant as JSON: it goes to the log."""

    text: str


class Malformed(NamedTuple):
    """Meant as JSON, but unreadable. `raw` is its head, at most KEPT characters."""

    reason: str
    raw: str


Event = Message | Text | Malformed


class Unreadable(ValueError):
    """A line that is not a message. `incomplete`: more lines could still make it one."""

    def __init__(self, reason: str, *, incomplete: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.incomplete = incomplete


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
            events.append(Text(_decode(line)[0]))

    def _json(self, line: bytes, now: float, events: list[Event]) -> None:
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


def read(line: bytes) -> list[Message]:
    """One object, or an array of objects in order. Raises Unreadable."""
    text, flags = _decode(line)
    value, more = _parse(text)
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in values):
        raise Unreadable("expected an object or an array of objects")
    flags += more
    return [Message(item, flags) for item in values]


def _decode(line: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        return line.decode(), ()
    except UnicodeDecodeError:
        return line.decode(errors="replace"), ("encoding_repaired",)


def _parse(text: str) -> tuple[Any, tuple[str, ...]]:
    if text.count("{") + text.count("[") > json_text.MAX_DEPTH:
        _check_depth(text)
    if "\\u" in text and _SUSPECT.search(text):
        return _parse_carefully(text)
    try:
        value = _loads(text, _DECODER)
    except _NoNumber:
        return _parse_carefully(text)
    # Every key ends in `":`, so as many of them as there are keys at the top means that none was there twice.
    if not (isinstance(value, dict) and len(_KEY.findall(text)) == len(value)):
        _loads(text, _STRICT_DECODER)
    return value, ()


def _parse_carefully(text: str) -> tuple[Any, tuple[str, ...]]:
    flags: set[str] = set()

    def no_number(_: str) -> float | None:
        flags.add("number_repaired")
        return None

    def finite(digits: str) -> float | None:
        number = float(digits)
        return number if math.isfinite(number) else no_number(digits)

    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=no_number, parse_float=finite)
    value = _repaired(_loads(text, decoder), flags)
    return value, tuple(sorted(flags))


def _loads(text: str, decoder: json.JSONDecoder) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno} column {error.colno}"
        raise Unreadable(where, incomplete=error.pos >= len(text.rstrip())) from None
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    except (Unreadable, _NoNumber):
        raise
    except ValueError:
        raise Unreadable("a number of thousands of digits") from None


def _check_depth(text: str) -> None:
    try:
        json_text.check_depth(text.encode())
    except json_text.JsonError as error:
        raise Unreadable(error.message) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("the same key twice in one object")
    return found


class _NoNumber(ValueError):
    """NaN, Infinity, or a number beyond what a float holds."""


def _refuse(name: str) -> float:
    raise _NoNumber(name)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


#: Made once: a decoder with hooks costs more to make than a line to parse.
_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
_STRICT_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def _repaired(value: Any, flags: set[str]) -> Any:
    if isinstance(value, str):
        if not _UNFIT.search(value):
            return value
        flags.add("text_repaired")
        return _UNFIT.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_repaired(key, flags): _repaired(item, flags) for key, item in value.items()}
    if isinstance(value, list):
        return [_repaired(item, flags) for item in value]
    return value


def _rescue(line: bytes) -> list[Message]:
    try:
        found = read(line)
    except Unreadable:
        return []
    return found if all(item.body.keys() & {"title", "message", "key", "type"} for item in found) else []


def _title(line: bytes) -> Message:
    text, flags = _decode(line)
    clean = _UNFIT.sub("\ufffd", text)
    body: dict[str, Any] = {"title": clean} if len(clean) <= 1000 else {"title": clean[:999] + "…", "message": clean}
    return Message(body, flags)


def _malformed(reason: str, raw: bytes) -> Malformed:
    return Malformed(reason, _UNFIT.sub("\ufffd", _decode(raw[:KEPT])[0]))


def line(message: dict[str, Any]) -> bytes:
    """One line to the alert: ASCII only, so that every code page reads it."""
    return json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
