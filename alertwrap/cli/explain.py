"""`alertwrap explain CODE`: what a code means, and what to do."""

from __future__ import annotations

import click

from alertwrap.cli.terminal import folded, width


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Say what CODE means and what to do; without one, list all."""
    from alertwrap.kit.codes import codes, find  # noqa: PLC0415 - `--help` needs none of it

    if code is None:
        _list()
        return
    name, near = find(code)
    if name is None:
        hint = f"did you mean {' or '.join(near)}?" if near else "`alertwrap explain` lists them"
        raise click.UsageError(f"{code} is no code; {hint}")
    meaning, columns = codes()[name], width()
    click.echo(click.style(f"{name}: ", dim=True) + click.style(meaning.title, bold=True))
    click.echo("\n" + folded(meaning.why, "", columns) + "\n")
    click.echo(folded(meaning.do, "Do: ", columns))


def _list() -> None:
    from alertwrap.kit.codes import PARTS, codes, part  # noqa: PLC0415

    for letter, title in PARTS.items():
        click.secho(f"{title}\n", bold=True)
        for name, meaning in codes().items():
            if part(name) == letter:
                click.echo(f"  {name:15} {meaning.title}")
        click.echo()
    click.secho("`alertwrap explain C01` says more of one.", dim=True)
