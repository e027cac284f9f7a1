"""`alertwrap lint`: the traps that can be seen without running anything."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alertwrap.cli.kit import EX_CONFIG, FILE, end
from alertwrap.cli.terminal import folded, printable, width

if TYPE_CHECKING:
    from alertwrap.kit.lint import Found
    from alertwrap.manifest import Manifest


@click.command()
@click.argument("alerts", nargs=-1, required=True, type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def lint(alerts: tuple[Path, ...], form: str) -> None:
    """Look through alerts (their TOML files, or just their programs) without running them.

    Each finding has a code; `alertwrap explain CODE` says more. Exit code 0: nothing found; 1: something.
    """
    from alertwrap.kit.lint import lint as look  # noqa: PLC0415 - `--help` needs none of it

    manifests = _read(alerts)
    found = [item for alert, manifest in zip(alerts, manifests, strict=True) for item in look(alert, manifest)]
    if form == "json":
        click.echo(json.dumps([item._asdict() for item in found], indent=2))
    else:
        _show(found)
        click.echo(f"{_many(len(found), 'finding')} in {_many(len(manifests), 'alert')}")
    sys.exit(bool(found))


def _read(alerts: tuple[Path, ...]) -> list[Manifest]:
    """All of them; all mistakes in their files are told at once."""
    from alertwrap.kit.subject import SubjectError, manifest_of  # noqa: PLC0415
    from alertwrap.manifest import ManifestError  # noqa: PLC0415

    manifests: list[Manifest] = []
    problems: list[str] = []
    for alert in alerts:
        try:
            manifests.append(manifest_of(alert))
        except (ManifestError, SubjectError) as error:
            problems.append(str(error))
    if problems:
        end("\n".join(problems), EX_CONFIG)
    return manifests


def _show(found: list[Found]) -> None:
    """What to do stands once below the findings of one code."""
    from alertwrap.kit.codes import codes  # noqa: PLC0415

    columns = width()
    for code, same in itertools.groupby(found, key=lambda item: item.code):
        for item in same:
            head = f"{code}  {printable(item.where)}: "
            click.echo(click.style(code, fg="yellow") + folded(printable(item.what), head, columns)[len(code) :])
        click.echo(click.style(folded(codes()[code].do, "     do: ", columns), bold=True))


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)
