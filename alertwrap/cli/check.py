"""`alertwrap check`: does an alert keep the contract, also when the world is unkind?"""

from __future__ import annotations

import sys

import click

from alertwrap.cli.kit import SUBJECT, Given, given

#: What C25 takes when nobody is in a hurry.
_LONG_SECONDS = 60.0


@click.command()
@SUBJECT
@given
@click.option("--only", multiple=True, metavar="CODE", help="Only this row; may be repeated.")
@click.option("--patience", type=click.FloatRange(0.2, 600), default=3.0, show_default=True, metavar="SECONDS",
              help="How long it may take to say its first word.")  # fmt: skip
@click.option("--load", type=click.FloatRange(0.5, 3600), default=4.0, show_default=True, metavar="SECONDS",
              help="How long C25 pours updates into it.")  # fmt: skip
@click.option("--long", is_flag=True, help="A minute of C25, as the contract says it.")
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True)
def check(given: Given, only: tuple[str, ...], patience: float, load: float, long: bool, form: str) -> None:
    """Check whether ALERT (its TOML file, or just its program) keeps the contract.

    Each row has a code; `alertwrap explain CODE` says more. Exit code 0: no row failed; 1: some did; 78: the alert's
    file is wrong.
    """
    from alertwrap.kit import report  # noqa: PLC0415 - `--help` needs none of it
    from alertwrap.kit.conformance.rows import ROWS  # noqa: PLC0415
    from alertwrap.kit.conformance.rows import check as run  # noqa: PLC0415

    strange = [code for code in only if code.upper() not in ROWS]
    if strange:
        raise click.UsageError(f"--only: {strange[0]} is no row; they are C01 to {max(ROWS)}")
    subject = given.subject()
    results = []
    wanted = {code.upper() for code in only}
    for result in run(subject, patience=patience, load_seconds=_LONG_SECONDS if long else load, only=wanted):
        results.append(result)
        if form == "text":
            click.secho(report.line(result), fg={"fail": "red", "skip": "bright_black"}.get(result.finding.verdict))
    name = subject.manifest.name
    if form == "text":
        click.echo(f"\n{name}: {report.summary(results)}")
    else:
        click.echo(report.as_json(name, results) if form == "json" else report.as_junit(name, results))
    sys.exit(any(result.finding.verdict == "fail" for result in results))
