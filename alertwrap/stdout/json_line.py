"""One line that an alert meant as JSON → its messages: strict about what it says, lenient about how it is written."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wire import json_text

#: Escapes that parse in Python but cannot travel.
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_LONG = re.compile(rf"\d{{{json_text.LONGEST_NUMBER}}}")
#: In one line; each of them may become a hundred times as large on its way.
MOST_MESSAGES = 10_000
UNFIT = re.compile("[\x00\ud800-\udfff]")
_KEY = re.compile(r'"\s*:')


@dataclass(slots=True)
class Message:
    """One JSON object. `flags` names what had to be repaired in it. `text` is the object as it stands in the line,
    where every member is a text, not empty, and without escapes."""

    body: dict[str, Any]
    flags: tuple[str, ...] = ()
    text: str | None = field(default=None, compare=False)


class Unreadable(ValueError):
    """A line that is not a message. `incomplete`: more lines could still make it one."""

    def __init__(self, reason: str, *, incomplete: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.incomplete = incomplete


def read(line: bytes) -> list[Message]:
    """One object, or an array of objects in order. Raises Unreadable."""
    text, flags = decode(line)
    value, more = _parse(text)
    if isinstance(value, dict):
        return [Message(value, flags + more)]
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in values):
        raise Unreadable("expected an object or an array of objects")
    if len(values) > MOST_MESSAGES:
        raise Unreadable(f"an array of more than {MOST_MESSAGES} messages")
    flags += more
    return [Message(item, flags) for item in values]


def plain(line: bytes) -> Message | None:
    """An object without escapes, in few steps: most lines are one. None: it wants a closer look."""
    brackets = line.count(b"{") + line.count(b"[")
    if b"\\" in line or len(line) > json_text.LONGEST_NUMBER or brackets > json_text.MAX_DEPTH:
        return None
    try:
        text = line.decode()
        body, end = _scan(text, 0)
    except (ValueError, StopIteration):
        return None
    if end != len(text) or type(body) is not dict:
        return None
    if brackets == 1 and text.count('"') == 4 * len(body) and _keys(text) == len(body):
        return Message(body, (), None if '""' in text else text)
    return Message(body) if _keys(text) == _members(body) else None


def decode(line: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        return line.decode(), ()
    except UnicodeDecodeError:
        return line.decode(errors="replace"), ("encoding_repaired",)


def _parse(text: str) -> tuple[Any, tuple[str, ...]]:
    if text.count("{") + text.count("[") > json_text.MAX_DEPTH:
        _check_depth(text)
    if ("\\u" in text and _SUSPECT.search(text)) or (len(text) > json_text.LONGEST_NUMBER and _LONG.search(text)):
        return _parse_carefully(text)
    try:
        value = _loads(text, _DECODER)
    except _NoNumber:
        return _parse_carefully(text)
    # Every key ends in `":`, so as many of them as there are members means that none was there twice.
    if _keys(text) != _members(value):
        _loads(text, _STRICT_DECODER)
    return value, ()


def _keys(text: str) -> int:
    """At least as many as there are keys in it, at any depth."""
    if '" ' in text or '"\t' in text or '"\r' in text or '"\n' in text:
        return len(_KEY.findall(text))
    return text.count('":')


def _members(value: Any) -> int:
    """Of all objects in it, at any depth."""
    if isinstance(value, dict):
        return len(value) + sum(map(_members, value.values()))
    return sum(map(_members, value)) if isinstance(value, list) else 0


def _parse_carefully(text: str) -> tuple[Any, tuple[str, ...]]:
    flags: set[str] = set()

    def no_number(_: str) -> float | None:
        flags.add("number_repaired")
        return None

    def finite(digits: str) -> float | None:
        number = float(digits)
        return number if math.isfinite(number) else no_number(digits)

    def whole(digits: str) -> int:
        if len(digits) > json_text.LONGEST_NUMBER:
            raise Unreadable("a number of thousands of digits")
        return int(digits)

    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=no_number, parse_float=finite, parse_int=whole)
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
_scan: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once  # type: ignore[attr-defined]
_STRICT_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def _repaired(value: Any, flags: set[str]) -> Any:
    if isinstance(value, str):
        if not UNFIT.search(value):
            return value
        flags.add("text_repaired")
        return UNFIT.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_repaired(key, flags): _repaired(item, flags) for key, item in value.items()}
    if isinstance(value, list):
        return [_repaired(item, flags) for item in value]
    return value
