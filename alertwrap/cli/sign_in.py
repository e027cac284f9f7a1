"""`alertwrap sign-in`: a one-time link into the panel, for whoever has the data directory or the bootstrap token."""

from __future__ import annotations

import click

from alertwrap.cli.api import call
from alertwrap.cli.connection import Connection, connected


@click.command()
@click.option("--login", help="Whom it signs in. [default: the first admin]")
@connected
def sign_in(connection: Connection, login: str | None) -> None:
    """Print a link that signs you in to the panel. It works once, for 15 minutes; a new one replaces it."""
    answer = call(connection, "POST", "/api/v1/session/link", json={"login": login} if login else {})
    click.echo(answer["link"])
