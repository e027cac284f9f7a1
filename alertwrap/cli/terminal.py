"""What others wrote, as a terminal may get it."""

from __future__ import annotations


def printable(text: str) -> str:
    """Without control characters and direction marks: a notice must not drive the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
