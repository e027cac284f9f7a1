"""Lines that an alert has printed, as what they mean."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from alertwrap.stdout.json_line import Message
from alertwrap.stdout.protocol import Event, Framer


def events(lines: Sequence[str], *, text: bool = False) -> list[Event]:
    """Printed lines as the production parser takes them."""
    framer = Framer(text=text)
    return framer.feed("".join(line + "\n" for line in lines).encode(), 0.0) + framer.end(0.0)


def messages(lines: Sequence[str], *, text: bool = False) -> list[dict[str, Any]]:
    """The objects among them."""
    return [event.body for event in events(lines, text=text) if isinstance(event, Message)]


def notices(lines: Sequence[str], *, text: bool = False) -> list[dict[str, Any]]:
    """Those that are to reach people."""
    return [message for message in messages(lines, text=text) if is_notice(message)]


def object_of(line: str) -> dict[str, Any] | None:
    """The JSON object that a line is; None when it is none."""
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def is_notice(message: Mapping[str, Any]) -> bool:
    return (message.get("type") or "notice") == "notice"
