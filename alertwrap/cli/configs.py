"""`alertwrap configs`: configs and recipients as a file, for those who keep them beside their code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from alertwrap.cli.api import call
from alertwrap.cli.connection import Connection, connected
from alertwrap.cli.terminal import printable

_PATH = "/api/v1/configs"
_COLOURS = {"created": "green", "changed": "yellow", "unchanged": None, "deleted": "red", "refused": "red"}


@click.group()
def configs() -> None:
    """Configs and recipients as one JSON file: export it, see what applying would do, apply it."""


_file = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
_prune = click.option("--prune", is_flag=True, help="Delete the configs that the file does not have.")


@configs.command()
@_file
@click.option("--alert", help="Only the configs of this alert, without recipients.")
@connected
def export(file: Path, alert: str | None, connection: Connection) -> None:
    """Write every recipient and config to FILE (- is stdout)."""
    document = call(connection, "GET", f"{_PATH}/export", params={"name": alert} if alert else None)
    with click.open_file(str(file), "w", encoding="utf-8", atomic=str(file) != "-") as stream:
        stream.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


@configs.command()
@_file
@_prune
@connected
def plan(file: Path, prune: bool, connection: Connection) -> None:
    """Show what applying FILE would do. Changes nothing; exits 1 when something would be refused."""
    planned = _plan(connection, _read(file), prune)
    if _refused(planned):
        raise SystemExit(1)


@configs.command()
@_file
@_prune
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@connected
def apply(file: Path, prune: bool, yes: bool, connection: Connection) -> None:
    """Show what FILE would do, ask, and do all of it.

    Nothing is done when somebody changed something meanwhile.
    """
    document = _read(file)
    planned = _plan(connection, document, prune)
    if _refused(planned):
        raise click.ClickException("nothing was applied: mend what is refused")
    if all(item["outcome"] == "unchanged" for item in planned["items"]):
        return
    if not yes:
        click.confirm("Apply?", abort=True, err=True)
    call(connection, "POST", f"{_PATH}/apply", json=document, params=_query(prune), if_match=planned["tag"])
    click.echo("applied", err=True)


def _read(file: Path) -> Any:
    try:
        with click.open_file(str(file), encoding="utf-8") as stream:
            return json.load(stream)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{file}: {error}") from None


def _query(prune: bool) -> dict[str, str]:
    return {"prune": "true"} if prune else {}


def _plan(connection: Connection, document: Any, prune: bool) -> dict[str, Any]:
    planned: dict[str, Any] = call(connection, "POST", f"{_PATH}/plan", json=document, params=_query(prune))
    for item in planned["items"]:
        for line in _lines(item):
            click.echo(line)
    return planned


def _refused(planned: dict[str, Any]) -> bool:
    return any(item["outcome"] == "refused" for item in planned["items"])


def _lines(item: dict[str, Any]) -> Iterator[str]:
    """`changed    config disk-1 (disk-space)`, and below it what changes or is wrong."""
    word = click.style(f"{item['outcome']:10}", fg=_COLOURS[item["outcome"]], bold=True)
    name = f" ({printable(item['name'])})" if item["name"] else ""
    yield f"{word} {item['kind']} {printable(item['id'])}{name}"
    for change in item["changes"]:
        before, after = (json.dumps(change[side], ensure_ascii=False) for side in ("before", "after"))
        yield f"           {printable(change['path'])}: {printable(before)} → {printable(after)}"
    for error in (*item["errors"], *item["hints"]):
        yield f"           {printable(error['path'])}: {printable(error['message'])}"
