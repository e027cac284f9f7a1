"""How a command finds the server: options, then environment, then the data directory of a running `alertwrap up`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from platformdirs import user_data_path

from alertwrap.data_directory import DataDirectory
from service_kit.secrets import Secret

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Connection:
    """Where the server is and what lets us in."""

    server: str
    token: Secret


def connection_options(command: F) -> F:
    """Adds `--server`, `--token-file` and `--data` to a command; `connect` reads them."""
    for option in (
        click.option("--data", type=click.Path(path_type=Path), help="Data directory of a running `alertwrap up`."),
        click.option("--token-file", type=click.Path(path_type=Path), help="File with the token. [ALERTWRAP_TOKEN]"),
        click.option("--server", metavar="URL", help="Base URL of the server. [ALERTWRAP_SERVER]"),
    ):
        command = option(command)
    return command


def connect(server: str | None, token_file: Path | None, data: Path | None) -> Connection:
    """The connection that the options, the environment or the data directory describe; exits with what to do."""
    directory = DataDirectory(data or Path(os.environ.get("ALERTWRAP_DATA") or user_data_path("alertwrap")))
    url = server or (None if data else os.environ.get("ALERTWRAP_SERVER")) or directory.server()
    token = _token(token_file, explicit_data=data is not None) or directory.known_token()
    if url is None:
        fail(f"no server: none runs on {directory.path}. Start one with `alertwrap up`, or say --server URL")
    if token is None:
        fail("no token: set ALERTWRAP_TOKEN or say --token-file FILE; `alertwrap token create` makes one")
    return Connection(url.rstrip("/"), token)


def fail(message: str) -> NoReturn:
    """End the command with one clear line."""
    click.echo(f"alertwrap: {message}", err=True)
    sys.exit(1)


def _token(file: Path | None, *, explicit_data: bool) -> Secret | None:
    named = file or (None if explicit_data else os.environ.get("ALERTWRAP_TOKEN_FILE"))
    if named is not None:
        try:
            return Secret(Path(named).read_text("utf-8").strip())
        except OSError as error:
            fail(f"cannot read the token file {named}: {error.strerror}")
    value = None if explicit_data else os.environ.get("ALERTWRAP_TOKEN")
    return Secret(value) if value else None
