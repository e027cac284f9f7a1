"""`alertwrap record`: a session as a file, for `replay` and for bug reports."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alertwrap.cli.kit import FILE, SUBJECT, Given, end, given

if TYPE_CHECKING:
    from alertwrap.kit.session import Session
    from alertwrap.notify_watcher import Following


@click.command()
@SUBJECT
@given
@click.option("--output", "-o", type=FILE, required=True, help="The session: NDJSON of {t, dir, line}, secrets masked.")
@click.option("--live", is_flag=True, help="Follow the running server for configs, entities and recipients, as "
              "`run` does. What the alert says is written down, and sent nowhere.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), help="End after so long.  [default: Ctrl-C]")
def record(given: Given, output: Path, live: bool, seconds: float | None) -> None:
    """Run ALERT and write down every line in both directions."""
    from alertwrap.kit.recording import Recorder  # noqa: PLC0415 - `--help` needs none of it
    from alertwrap.kit.session import Stage, session  # noqa: PLC0415

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    follow = _follow() if live else None
    try:
        with output.open("w", encoding="utf-8") as out:
            with session(given.subject(), Stage(on_seen=Recorder(out), follow=follow)) as run:
                click.echo(f"recording {run.subject.manifest.name} to {output}, Ctrl-C ends", err=True)
                _until(run, stopped, seconds)
            lines = [len(run.of(direction)) for direction in ("in", "out")]
    except OSError as error:
        end(f"--output: {output}: {error.strerror}", 1)
    click.echo(f"{output}: told {lines[0]} lines, it said {lines[1]}", err=True)


def _until(run: Session, stopped: threading.Event, seconds: float | None) -> None:
    """Stopped, out of time, or for good at its end."""
    left = seconds
    while not stopped.wait(0.1 if left is None else min(0.1, max(left, 0.0))):
        left = None if left is None else left - 0.1
        if left is not None and left <= 0:
            return
        if run.wrapper is not None and run.wrapper.situation.state == "COMPLETED" and not run.subject.manifest.interval:
            return


def _follow() -> Callable[[tuple[str, ...]], Following]:
    from alertwrap.cli.connection import connect  # noqa: PLC0415
    from alertwrap.host import Setup, follower  # noqa: PLC0415

    connection = connect(None, None, None)
    return follower(Setup(connection.server, connection.token.get_secret_value(), Path()))
