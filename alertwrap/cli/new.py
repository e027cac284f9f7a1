"""`alertwrap new`: a first alert that works, in the language of your choice."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import click

from alertwrap.kit.scaffold import LANGUAGES, filled, scaffold, write


@click.command()
@click.argument("name")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="bash", show_default=True)
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Where to.  [default: a directory NAME]")
def new(name: str, lang: str, directory: Path | None) -> None:
    """Write a first alert called NAME: a program under 40 lines, its file, the schema of its config, its test."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,60}", name):
        raise click.UsageError(f"NAME: expected letters, digits, - and _, a letter first; found {name!r}")
    language = LANGUAGES[lang]
    place = directory or Path(name)
    files = scaffold(name, lang)
    try:
        write(place, files)
    except FileExistsError as error:
        raise click.ClickException(f"{error} is there already; nothing was written") from None
    except OSError as error:
        raise click.ClickException(f"{place}: {error.strerror}") from None
    for file in files:
        click.echo(f"wrote {place / file}")
    if shutil.which(language.needs) is None:
        click.echo(f"\nYou will need {language.needs}, which is not on this machine.")
    click.echo("\nNext:\n")
    if place != Path():
        click.echo(f"  cd {place}")
    if language.build:
        click.echo(f"  {' '.join(filled(language.build, name, language))}")
    for command, what in (
        ("dev", "see it at work"), ("check", "does it keep the contract"), ("run", "for real"),
    ):  # fmt: skip
        click.echo(f"  alertwrap {command} {name}.toml".ljust(36) + f"# {what}")
