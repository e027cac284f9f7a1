"""`alertwrap dev`: an alert at work, on the screen of its author."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import click

from alertwrap.cli.kit import FILE, SUBJECT, Given, end, given

_HINT = "what you save is used · Ctrl-C ends"


@click.command()
@SUBJECT
@given
@click.option("--set", "overrides", multiple=True, metavar="NAME=VALUE", help="A value of the metric; may be repeated.")
@click.option("--build", metavar="COMMAND", help="Run this before each start, for example: cc -O2 -o disk disk.c")
@click.option("--data", type=FILE, help="Keep state and spool here.  [default: forgotten at the end]")
@click.option("--record", type=FILE, help="Write the session to this file as well.")
@click.option("--seconds", type=click.FloatRange(0.1), metavar="SECONDS", help="End after so long.")
@click.option("--plain", is_flag=True, help="Lines of text, also on a terminal.")
def dev(
    given: Given, overrides: tuple[str, ...], build: str | None, data: Path | None, record: Path | None,
    seconds: float | None, plain: bool,
) -> None:  # fmt: skip
    """Run ALERT (its TOML file, or just its program) in a small world of its own, and show all that goes by.

    Nothing is sent anywhere. Save its program, and it is started again; save its configs or entities, and it is told.
    """
    from alertwrap.kit.recording import Recorder  # noqa: PLC0415 - `--help` needs none of it
    from alertwrap.kit.screen import screen  # noqa: PLC0415
    from alertwrap.kit.session import Seen  # noqa: PLC0415
    from alertwrap.kit.workshop import Files, Workshop  # noqa: PLC0415

    given.subject(overrides)  # a mistake at the start ends it; later ones are shown
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    files = Files(given.alert, given.configs_file, given.entities_file, lambda: given.load(overrides), build)
    with ExitStack() as stack:
        place = data or Path(stack.enter_context(TemporaryDirectory(prefix="alertwrap-")))
        recorder = Recorder(stack.enter_context(_opened(record))) if record else None
        shown = screen(_HINT, plain=plain)
        stack.callback(shown.close)

        def seen(line: Seen) -> None:
            shown.show(line)
            if recorder is not None:
                recorder(line)

        if seconds is not None:
            timer = threading.Timer(seconds, stopped.set)
            timer.daemon = True
            timer.start()
        Workshop(files, shown, seen, place, stopped).run()


def _opened(file: Path) -> TextIO:
    try:
        return file.open("w", encoding="utf-8")
    except OSError as error:
        end(f"--record: {file}: {error.strerror}", 1)
