"""What is shown in a terminal: nothing that drives it, and no line that it has to break."""

from __future__ import annotations

import shutil
import sys
import textwrap
import threading

import click

#: Longer lines are hard to read, however wide the window is.
_WIDEST = 100


def printable(text: str) -> str:
    """Without control characters and direction marks: a notice must not drive the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def width() -> int | None:
    """Columns of the terminal, for what is read by people; None when stdout is none: then lines stay whole."""
    return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else None


def folded(text: str, before: str, columns: int | None) -> str:
    """`before` and the text, in lines that fit; what follows the first stands under its beginning."""
    if columns is None:
        return before + text
    under = " " * len(before)
    lines = textwrap.wrap(text, max(columns, len(before) + 20), initial_indent=before, subsequent_indent=under,
                          break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return "\n".join(lines or [before.rstrip()])


class StatusLine:
    """What is under way, dim, below everything that is printed `above` it. Nothing where nobody would see it."""

    def __init__(self, text: str) -> None:
        """A block of `with` shows it; its end takes it away."""
        self._seen = sys.stdout.isatty() and sys.stderr.isatty()
        self._lock = threading.Lock()
        self._text = ""
        self.say(text)

    def say(self, text: str) -> None:
        """From any thread."""
        with self._lock:
            self._text = text
            self._draw()

    def above(self, text: str) -> None:
        """Print this, and the line below it again."""
        with self._lock:
            self._wipe()
            click.echo(text)
            self._draw()

    def __enter__(self) -> StatusLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.say("")

    def _wipe(self) -> None:
        if self._seen:
            click.echo("\r\x1b[2K", nl=False, err=True)

    def _draw(self) -> None:
        self._wipe()
        if self._seen and self._text:
            click.secho(self._text, dim=True, nl=False, err=True)
