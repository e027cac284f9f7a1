"""Lengths and cuts in UTF-16 units, the unit in which Telegram counts."""

from __future__ import annotations

import re

#: A cut may give up this part of the room to end where a phrase ends.
_WORTH = 0.25
#: From the best place to end to the least: paragraph, line, sentence, clause, word.
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?…])\s"),
    re.compile(r"(?<=[,;:])\s"),
    re.compile(r"\s"),
)
_DOTS = "…"


def length(text: str) -> int:
    """UTF-16 units of `text`."""
    return len(text) + sum(char > "\uffff" for char in text)


def head(text: str, units: int) -> str:
    """The longest start of `text` that fits into `units`, whole characters only."""
    if len(text) * 2 <= units:
        return text
    start = text[:units]
    while (over := length(start) - units) > 0:
        start = start[: len(start) - (over + 1) // 2]
    return start


def cut(text: str, units: int) -> tuple[str, int]:
    """`text` in at most `units`, and how many units of the original it keeps: all of it, or a start that ends where a
    phrase does if one ends near the limit, and dots."""
    if length(text) <= units:
        return text, length(text)
    if units < 1:
        return "", 0
    kept = head(text, units - 1)
    kept = kept[: _phrase_end(kept)].rstrip()
    return kept + _DOTS, length(kept)


def _phrase_end(text: str) -> int:
    floor = int(len(text) * (1 - _WORTH))
    for end in _ENDS:
        places = [found.start() for found in end.finditer(text, floor)]
        if places and places[-1] > 0:
            return places[-1]
    return len(text)
