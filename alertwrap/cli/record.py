"""`alertwrap record`: a session as a file, for `replay` and for bug reports."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alertwrap.cli.kit import FILE, SUBJECT, Given, end, given

if TYPE_CHECKING:
    from alertwrap.kit.session import Session
    from alertwrap.stdin.notify_watcher import Following

_LOOK_SECONDS = 0.1


@click.command()
@SUBJECT
@given
@click.option("--output", "-o", type=FILE, required=True, help="The session: NDJSON of {t, dir, line}, secrets masked.")
@click.option("--live", is_flag=True, help="Follow the running server for configs, entities and recipients, as "
              "`run` does. What the alert says is written down, and sent nowhere.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), metavar="SECONDS", help="End after so long.  [default: Ctrl-C]")
def record(given: Given, output: Path, live: bool, seconds: float | None) -> None:
    """Run ALERT and write down every line in both directions."""
    from alertwrap.kit.recording import Recorder  # noqa: PLC0415 - `--help` needs none of it
    from alertwrap.kit.session import Stage, session  # noqa: PLC0415

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    subject, follow = given.subject(), _follow() if live else None
    try:
        out = output.open("w", encoding="utf-8")
    except OSError as error:
        end(f"--output: {output}: {error.strerror}", 1)
    with out, session(subject, Stage(on_seen=Recorder(out), follow=follow)) as run:
        click.echo(f"recording {subject.manifest.name} to {output}; Ctrl-C ends", err=True)
        _until(run, stopped, seconds)
        running = run.starts()
    if not running:
        down = [notice["message"] for notice in run.told_by_wrapper()]
        end(f"{subject.manifest.name} was not started{': ' + down[0] if down else ''}", 1)
    click.echo(f"{output}: told {_lines(run.count('in'))}, it said {_lines(run.count('out'))}", err=True)


def _lines(count: int) -> str:
    return f"{count} line" + "s" * (count != 1)


def _until(run: Session, stopped: threading.Event, seconds: float | None) -> None:
    """Stopped, out of time, or for good at its end."""
    until = None if seconds is None else time.monotonic() + seconds
    while not stopped.wait(_LOOK_SECONDS if until is None else max(min(_LOOK_SECONDS, until - time.monotonic()), 0)):
        if until is not None and time.monotonic() >= until:
            return
        if run.wrapper is not None and run.wrapper.situation.state == "COMPLETED" and not run.subject.manifest.interval:
            return


def _follow() -> Callable[[tuple[str, ...]], Following]:
    from alertwrap.cli.connection import connect  # noqa: PLC0415
    from alertwrap.host import Setup, follower  # noqa: PLC0415

    connection = connect(None, None, None)
    return follower(Setup(connection.server, connection.token.get_secret_value(), Path()))
