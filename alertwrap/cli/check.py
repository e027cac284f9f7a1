"""`alertwrap check`: does an alert keep the contract, also when the world is unkind?"""

from __future__ import annotations

import sys
import time

import click

from alertwrap.cli.kit import EX_CONFIG, SUBJECT, Given, end, given
from alertwrap.cli.terminal import StatusLine, width

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
@click.option("--jobs", type=click.IntRange(1, 25), default=4, metavar="N", show_default=True, help="Rows at once.")
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True)
def check(
    given: Given, only: tuple[str, ...], patience: float, load: float, long: bool, jobs: int, form: str
) -> None:  # fmt: skip
    """Check whether ALERT (its TOML file, or just its program) keeps the contract.

    Each row has a code; `alertwrap explain CODE` says more. Exit code 0: no row failed; 1: some did; 78: the alert's
    file is wrong.
    """
    from alertwrap.kit import report  # noqa: PLC0415 - `--help` needs none of it
    from alertwrap.kit.conformance.rows import ROWS  # noqa: PLC0415
    from alertwrap.kit.conformance.rows import check as run  # noqa: PLC0415
    from alertwrap.kit.subject import refused  # noqa: PLC0415

    strange = [code for code in only if code.upper() not in ROWS]
    if strange:
        raise click.UsageError(f"--only: {strange[0]} is no row; they are C01 to {max(ROWS)}")
    subject = given.subject()
    if problems := refused(subject, subject.configs):
        end("\n".join((f"{given.configs_file}: the alert's metric_schema refuses it", *problems)), EX_CONFIG)
    wanted = {code.upper() for code in only}
    began, results, columns = time.monotonic(), [], width()
    with StatusLine("getting to know it …") as line:
        for result in run(
            subject, patience=patience, load_seconds=_LONG_SECONDS if long else load, only=wanted, jobs=jobs,
            begun=lambda code: line.say(f"trying {code} …"),
        ):  # fmt: skip
            results.append(result)
            if form == "text":
                line.above(report.row(result, columns))
    name, failed = subject.manifest.name, [result.code for result in results if result.finding.verdict == "fail"]
    if form == "text":
        click.echo(f"\n{name}: {report.summary(results)}, in {time.monotonic() - began:.0f} s")
    else:
        click.echo(report.as_json(name, results) if form == "json" else report.as_junit(name, results))
    if failed and form == "text":
        click.echo(f"`alertwrap explain {failed[0]}` says more; `--only {failed[0]}` tries it alone.")
    sys.exit(bool(failed))
