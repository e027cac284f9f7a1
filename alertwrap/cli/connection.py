"""How a command finds the server: options, then environment, then the data directory of a running `alertwrap up`."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from platformdirs import user_data_path

from alertwrap.up.data_directory import DataDirectory
from service_kit.secrets import Secret, is_token


@dataclass(frozen=True)
class Connection:
    """Where the server is and what lets us in."""

    server: str
    token: Secret


def connected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--server`, `--token-file` and `--data`, and the `connection` they describe."""

    @click.option("--server", metavar="URL", help="Base URL of the server. [ALERTWRAP_SERVER]")
    @click.option("--token-file", type=click.Path(path_type=Path), help="File with the token. [ALERTWRAP_TOKEN]")
    @click.option("--data", type=click.Path(path_type=Path), help="Data directory of a running `alertwrap up`.")
    @functools.wraps(command)
    def with_connection(*, server: str | None, token_file: Path | None, data: Path | None, **given: Any) -> Any:
        return command(connection=connect(server, token_file, data), **given)

    return with_connection


def connect(server: str | None, token_file: Path | None, data: Path | None) -> Connection:
    """The connection that options, environment or data directory describe; a ClickException says what is missing.

    A data directory that is named wins over the environment.
    """
    environ = {} if data else os.environ
    directory = DataDirectory(data or Path(environ.get("ALERTWRAP_DATA") or user_data_path("alertwrap")))
    url = server or environ.get("ALERTWRAP_SERVER") or directory.server()
    token = _token(token_file, environ) or directory.known_token()
    if url is not None and not url.startswith(("http://", "https://")):
        raise click.ClickException(f"the server's address: expected a URL such as http://127.0.0.1:8000, found {url!r}")
    if url is None:
        raise click.ClickException(
            f"no server runs on {directory.path}. Start one with `alertwrap up`, or say --server URL"
        )
    if token is None:
        raise click.ClickException(
            "no token: set ALERTWRAP_TOKEN or say --token-file FILE; `alertwrap token create` makes one"
        )
    return Connection(url.rstrip("/"), token)


def _token(file: Path | None, environ: Mapping[str, str]) -> Secret | None:
    named = file or environ.get("ALERTWRAP_TOKEN_FILE")
    if named is None:
        value = environ.get("ALERTWRAP_TOKEN")
        return _checked(value, "ALERTWRAP_TOKEN") if value else None
    try:
        return _checked(Path(named).read_text("utf-8").strip(), str(named))
    except OSError as error:
        raise click.ClickException(f"cannot read the token file {named}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{named}: expected a file that holds a token and nothing else") from None


def _checked(token: str, origin: str) -> Secret:
    """A token travels in a header; what no header can hold is none."""
    if not is_token(token):
        raise click.ClickException(f"{origin}: expected a token, which is one word of ASCII characters")
    return Secret(token)
