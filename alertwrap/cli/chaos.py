"""`alertwrap chaos`: bad luck, on purpose, and a count at the end."""

from __future__ import annotations

import sys
from random import SystemRandom

import click

from alertwrap.cli.kit import SUBJECT, Given, given
from alertwrap.cli.terminal import printable


@click.command()
@SUBJECT
@given
@click.option("--seconds", type=click.FloatRange(0.5, 3600), default=15.0, show_default=True)
@click.option("--copies", type=click.IntRange(0, 10_000), default=50, show_default=True,
              help="How often each entity comes again under another key, to keep it busy.")  # fmt: skip
@click.option("--seed", type=int, help="The same seed, the same blows.  [default: random]")
def chaos(given: Given, seconds: float, copies: int, seed: int | None) -> None:
    """Kill ALERT and its wrapper at random, freeze it, let the center answer badly; then count what has arrived.

    It is run once undisturbed, to know what it has to say. Exit code 0: all of it arrived, and what came again had its
    old id; 1: something was lost or came twice.
    """
    from alertwrap.kit.chaos import storm  # noqa: PLC0415 - `--help` needs none of it

    subject = given.subject()
    chosen = SystemRandom().randrange(1_000_000) if seed is None else seed
    request = {
        "alert": str(given.alert.absolute()),
        "configs": str(given.configs_file.absolute()) if given.configs_file else None,
        "entities": str(given.entities_file.absolute()) if given.entities_file else None,
    }
    click.echo(f"seed {chosen}, {seconds:.0f} s", err=True)
    outcome = storm(request, subject, chosen, seconds, copies)
    click.echo(", ".join(f"{count} {what}" for what, count in sorted(outcome.blows.items())))
    click.echo(f"{outcome.arrived} notices arrived, {outcome.repeats} came again under their own id")
    for problem in outcome.problems:
        click.secho(f"  {printable(problem)}", fg="red")
    click.echo("something went wrong" if outcome.problems else "nothing was lost")
    sys.exit(bool(outcome.problems))
