"""Where the timeline is shown: coloured with a line of state below it on a terminal, plain text everywhere else."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol

from alertwrap.cli.terminal import folded, printable
from alertwrap.kit.session import Seen, Session
from alertwrap.kit.timeline import TROUBLE, Entry, cut, entry, text

if TYPE_CHECKING:
    from rich.text import Text

_STATES = {"RUNNING": "green", "COMPLETED": "green", "CRASH_LOOP": "red"}
#: Less than this is on its way; more says that it does not read.
_MUCH_UNREAD = 1024


class Screen(Protocol):
    """`show` may be called from every thread."""

    def show(self, seen: Seen) -> None: ...

    def say(self, message: str) -> None: ...

    def watch(self, run: Session | None) -> None: ...

    def close(self) -> None: ...


class PlainScreen:
    """A line each, as it happens: for files, pipes and tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def show(self, seen: Seen) -> None:
        shown = entry(seen)
        if shown is not None:
            self._print(text(seen.t, shown))

    def say(self, message: str) -> None:
        self._print(f"--- {message}")

    def watch(self, run: Session | None) -> None:
        """There is no line of state here."""

    def close(self) -> None:
        """Nothing to give back."""

    def _print(self, line: str) -> None:
        with self._lock:
            print(line, flush=True)


class LiveScreen:
    """The timeline scrolls; the last line says how the alert is."""

    def __init__(self, hint: str) -> None:
        from rich.console import Console  # noqa: PLC0415 - only on a terminal
        from rich.live import Live  # noqa: PLC0415

        self._console = Console(highlight=False)
        self._hint = hint
        self._run: Session | None = None
        self._live = Live(get_renderable=self._state, console=self._console, refresh_per_second=4, transient=True)
        self._live.start()

    def show(self, seen: Seen) -> None:
        shown = entry(seen)
        if shown is not None:
            self._console.print(self._line(seen.t, shown), no_wrap=True, overflow="ellipsis")

    def say(self, message: str) -> None:
        self._console.print(folded(printable(message), "── ", self._console.width), style="dim", markup=False)

    def watch(self, run: Session | None) -> None:
        self._run = run

    def close(self) -> None:
        self._live.stop()

    def _line(self, t: float, shown: Entry) -> Text:
        """One line; what went wrong may take several, since somebody has to read it."""
        from rich.text import Text  # noqa: PLC0415

        when, kind = f"{t:8.3f} ", f"{shown.mark} {shown.kind:9} "
        what = cut(shown.text)
        if shown.mark in TROUBLE:
            what = folded(what, " " * len(when + kind), self._console.width).lstrip()
        return Text.assemble((when, "dim"), (kind, shown.style), what)

    def _state(self) -> Text:
        from rich.text import Text  # noqa: PLC0415

        run = self._run
        if run is None or run.wrapper is None:
            return Text(self._hint, style="dim")
        state, count, unread = run.wrapper.situation.state, len(run.arrived()), run.unread()
        facts = [f"{count} notice" + "s" * (count != 1), f"{time.monotonic() - run.began:.0f} s", self._hint]
        if unread > _MUCH_UNREAD:
            facts.insert(1, f"{unread // 1024} KB unread")
        return Text.assemble(
            (run.subject.manifest.name, "bold"), " ", (state.lower().replace("_", " "), _STATES.get(state, "yellow")),
            (" · " + " · ".join(facts), "dim"), no_wrap=True, overflow="ellipsis",
        )  # fmt: skip


def screen(hint: str, *, plain: bool) -> Screen:
    """The one that fits where we print."""
    return PlainScreen() if plain or not sys.stdout.isatty() else LiveScreen(hint)
