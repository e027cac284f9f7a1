"""`alertwrap schema`: the protocol as JSON Schema, and whether lines keep it."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click


@click.command()
@click.argument("way", type=click.Choice(["from-alert", "to-alert"]), default="from-alert")
@click.option("--check", "lines", type=click.File("rb"), metavar="FILE", help="Check these lines; - is stdin.")
def schema(way: str, lines: BinaryIO | None) -> None:
    """Print the JSON Schema of what an alert prints (from-alert) or reads (to-alert), or check lines by it.

    \b
    ./disk.sh < line1.json | alertwrap schema --check -
    """
    if lines is None:
        from alertwrap.lines.schema import schemas  # noqa: PLC0415 - `--help` needs none of it

        click.echo(schemas()[f"{way}.json"], nl=False)
        return
    from alertwrap.cli.terminal import printable  # noqa: PLC0415
    from alertwrap.kit.line_check import problems  # noqa: PLC0415

    count = 0
    for problem in problems(lines, "to-alert" if way == "to-alert" else "from-alert"):
        count += 1
        click.echo(printable(problem))
    click.echo(f"{count} mistakes" if count else "every line is right", err=True)
    sys.exit(bool(count))
