"""`alertwrap ps`, `logs`, `restart`, `hold`: the alerts that run on this machine, by the sockets of their processes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from platformdirs import user_data_path

from alertwrap.status.control_client import Control, NobodyThere

_COLUMNS = ("ALERT", "STATE", "SINCE", "STARTS", "NOTICES", "LAST", "QUEUE", "STATUS")
_COLORS = {"RUNNING": "green", "COMPLETED": "green", "HELD": "yellow", "BACKOFF": "yellow", "CRASH_LOOP": "red"}


_data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="ALERTWRAP_DATA",
    default=lambda: user_data_path("alertwrap"),
    help="Data directory of the `alertwrap run` or `alertwrap up` in question. [ALERTWRAP_DATA]",
)
_name = click.argument("name")


@click.command()
@_data
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with everything that is known.")
def ps(data: Path, as_json: bool) -> None:
    """Show the alerts that run here, and how they are doing."""
    found = sorted(Control(data).alerts(), key=lambda one: str(one["alert"]))
    if as_json:
        for one in found:
            click.echo(json.dumps(one))
        return
    if not found:
        click.echo(f"no alertwrap runs alerts on {data}", err=True)
        return
    _table([_COLUMNS, *(_row(one) for one in found)])


@click.command()
@_data
@_name
@click.option("-f", "--follow", is_flag=True, help="Go on with what is still to come.")
def logs(data: Path, name: str, follow: bool) -> None:
    """Show what the wrapper's log and stderr say of an alert."""
    try:
        for line in Control(data).log(name, follow=follow):
            click.echo(line)
    except NobodyThere as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        return


@click.command()
@_data
@_name
def restart(data: Path, name: str) -> None:
    """Start an alert anew, also one that is held."""
    _order(data, name, "restart")


@click.command()
@_data
@_name
def hold(data: Path, name: str) -> None:
    """Stop an alert until `alertwrap restart`, also over restarts of the wrapper."""
    _order(data, name, "hold")


def _order(data: Path, name: str, order: str) -> None:
    try:
        Control(data).order(name, order)
    except NobodyThere as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{name}: {'is stopped, and held' if order == 'hold' else 'is started anew'}")


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    status = one["status"] if one["progress"] is None else f"{one['progress']:.0%} {one['status']}"
    refused = ", ".join(f"config {name} refused" for name in one["refused"])
    held = " (by hand)" if one["held_by_operator"] else ""
    last = one["last_notice_at"]
    return (
        one["alert"], one["state"] + held, _ago(one["since"]), str(one["starts"]), str(one["notices"]),
        _ago(last) if last else "-", str(one["queue"]), "; ".join(part for part in (refused, status) if part),
    )  # fmt: skip


def _table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        cells[1] = click.style(cells[1], fg=_COLORS.get(row[1].split()[0]))
        click.echo("  ".join(cells).rstrip())


def _ago(at: str) -> str:
    seconds = int((datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{max(seconds, 0)}s"
