"""`alertwrap token`: access tokens of a server, or of a data directory on which no server runs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from alertwrap.cli.api import call, refusal
from alertwrap.cli.connection import connect
from alertwrap.cli.terminal import printable
from alertwrap.up.data_directory import DataDirectory
from service_kit.auth import SCOPES
from service_kit.engine import StorageBusy


@click.group()
def token() -> None:
    """Create, list and revoke access tokens.

    With `--data DIR` and nobody running on it, the directory's own database is used.
    """


def _reachable(command: Any) -> Any:
    for option in (
        click.option("--data", type=click.Path(path_type=Path), help="Data directory of `alertwrap up`."),
        click.option("--token-file", type=click.Path(path_type=Path), help="File with an admin's token."),
        click.option("--server", metavar="URL", help="Base URL of the server. [ALERTWRAP_SERVER]"),
    ):
        command = option(command)
    return command


_SCOPE_HELP = f"What it may do; may be repeated. One of: {', '.join(SCOPES)}."


@token.command()
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), metavar="SCOPE", help=_SCOPE_HELP
)
@click.option("--recipient", help="Whose inbox it opens; needed for the scope inbox.")
@click.option("--name", default="", help="What it is for.")
@click.option("--expires-in", metavar="DURATION", help="For example 90d. [default: it does not expire]")
@click.option("--json", "as_json", is_flag=True, help="Print the whole answer.")
@_reachable
def create(scopes: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Create a token and print it; it is shown this once."""
    request = {"name": given["name"], "scopes": list(scopes), "recipient": given["recipient"]}
    request |= {"expires_in": given["expires_in"]} if given["expires_in"] else {}
    answer = _ask(given, "POST", "/api/v1/tokens", request)
    click.echo(json.dumps(answer) if as_json else answer["token"])


@token.command("list")
@_reachable
def list_tokens(**given: Any) -> None:
    """List tokens, without their secret part."""
    for item in _ask(given, "GET", "/api/v1/tokens", None)["items"]:
        whose = f" of {item['recipient']}" if item["recipient"] else ""
        until = f", until {item['expires_at']}" if item["expires_at"] else ""
        click.echo(f"{item['id']}  {printable(item['name']) or '(unnamed)'}  {' '.join(item['scopes'])}{whose}{until}")


@token.command(short_help="Revoke a token by its id.")
@click.argument("token_id")
@_reachable
def revoke(token_id: str, **given: Any) -> None:
    """Revoke a token by its id: it stops working everywhere within seconds."""
    _ask(given, "DELETE", f"/api/v1/tokens/{quote(token_id, safe='')}", None)
    click.echo(f"revoked {token_id}")


def _ask(given: dict[str, Any], method: str, path: str, body: Any) -> Any:
    data = given["data"]
    if data is not None and given["server"] is None:
        try:
            return asyncio.run(_ask_directory(DataDirectory(data), method, path, body))
        except StorageBusy:
            given["token_file"] = None  # a server runs on it, and the directory holds the token for it
    return call(connect(given["server"], given["token_file"], data), method, path, json=body)


async def _ask_directory(directory: DataDirectory, method: str, path: str, body: Any) -> Any:
    from alertwrap.up.services import open_directory  # noqa: PLC0415 - the services are only needed where none runs
    from service_kit import logs  # noqa: PLC0415

    logs.configure(logs.LogSettings(level="error"))  # stdout is the token's, and the notifier is known to be absent
    async with open_directory(directory) as http:
        response = await http.request(method, path, json=body)
    if response.is_success:
        return response.json() if response.content else None
    raise click.ClickException(refusal(response))
