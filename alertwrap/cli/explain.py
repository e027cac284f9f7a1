"""`alertwrap explain CODE`: what a code means, and what to do."""

from __future__ import annotations

import click


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Say what CODE means and what to do; without one, list all."""
    from alertwrap.kit.codes import codes, explained  # noqa: PLC0415 - `--help` needs none of it

    if code is None:
        for name, meaning in codes().items():
            click.echo(f"{name:16} {meaning.title}")
        return
    known = {name.lower(): name for name in codes()}
    if code.lower() not in known:
        raise click.UsageError(f"{code} is no code; `alertwrap explain` lists them")
    click.echo(explained(known[code.lower()]).removeprefix("### "), nl=False)
