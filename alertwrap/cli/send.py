"""`alertwrap send`: one notice, straight to the notice center."""

from __future__ import annotations

import json
from typing import Any

import click

from alertwrap.cli.api import call
from alertwrap.cli.connection import Connection, connected
from wire.ids import new_id
from wire.notice import DIRECT, SEVERITIES


@click.command()
@click.argument("title")
@click.option("--message", "-m", default="", help="The text, in Markdown.")
@click.option("--severity", "-s", type=click.Choice(SEVERITIES), default="info", show_default=True)
@click.option("--to", "recipients", multiple=True, metavar="RECIPIENT", help="Whom it concerns; may be repeated.")
@click.option("--key", help="The condition it is about: the same key again updates the open notice.")
@click.option("--resolved", is_flag=True, help="The condition named by --key is over.")
@click.option("--alert", default=DIRECT, show_default=True, help="In whose name; its configs say who else hears.")
@click.option("--url", help="Where a click on the notice leads.")
@click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="A label; may be repeated.")
@click.option("--id", "given_id", help="Identity of this notice: sending the same id again is harmless.")
@click.option("--json", "as_json", is_flag=True, help="Print the server's answer.")
@connected
def send(
    title: str,
    resolved: bool,
    labels: tuple[str, ...],
    given_id: str | None,
    as_json: bool,
    connection: Connection,
    **fields: Any,
) -> None:
    """Send one notice by hand, for example:

    \b
    alertwrap send "Backup failed" --severity error --to ann
    """
    notice = {name: value for name, value in fields.items() if value}
    notice |= {"id": given_id or new_id(), "title": title, "status": "resolved" if resolved else "firing"}
    if labels:
        notice["labels"] = dict(_label(text) for text in labels)
    answer = call(connection, "POST", "/api/v1/notices", json=notice)
    result = answer["results"][0]
    click.echo(json.dumps(answer) if as_json else f"{result['status']} {result['id']}")


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.BadParameter(f"expected NAME=VALUE, got {text!r}", param_hint="--label")
    return name, value
