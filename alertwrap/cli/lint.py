"""`alertwrap lint`: the traps that can be seen without running anything."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from alertwrap.cli.kit import EX_CONFIG, FILE, end


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def lint(files: tuple[Path, ...], form: str) -> None:
    """Look through the alerts of these TOML files, and their programs, without running them.

    Each finding has a code; `alertwrap explain CODE` says what to do. Exit code 0: nothing found; 1: something.
    """
    from alertwrap.kit.codes import codes  # noqa: PLC0415 - `--help` needs none of it
    from alertwrap.kit.lint import lint as look  # noqa: PLC0415
    from alertwrap.manifest import Manifest, ManifestError, read_manifest  # noqa: PLC0415

    manifests: list[Manifest] = []
    problems: list[str] = []
    for file in files:
        try:
            manifests.append(read_manifest(file))
        except ManifestError as error:
            problems += error.problems
    if problems:
        end("\n".join(problems), EX_CONFIG)
    found = [item for file, manifest in zip(files, manifests, strict=True) for item in look(file, manifest)]
    if form == "json":
        click.echo(json.dumps([item._asdict() for item in found], indent=2))
    for item in found if form == "text" else ():
        click.echo(f"{item.code}  {item.where}: {item.what}\n     do: {codes()[item.code].do}")
    if form == "text":
        click.echo(f"{len(found)} findings in {len(manifests)} alerts")
    sys.exit(bool(found))
