"""`alertwrap run a.toml b.toml …`. Imports no server: it must start fast and stay small."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from alertwrap.up.data_directory import WRAPPER_TOKEN, DataDirectory
from service_kit.secrets import is_token

EX_CONFIG, EX_TEMPFAIL = 78, 75
_DEFAULT_SERVER = "http://127.0.0.1:8000"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="ALERTWRAP_DATA",
    help="Directory for spools and state. [ALERTWRAP_DATA]",
)
@click.option(
    "--server",
    envvar="ALERTWRAP_SERVER",
    metavar="URL",
    help="Base URL of the server. [ALERTWRAP_SERVER; default: the `alertwrap up` that runs on the data directory, or "
    f"{_DEFAULT_SERVER}]",
)
@click.option("--token", envvar="ALERTWRAP_TOKEN", help="Better as ALERTWRAP_TOKEN: arguments are visible to everyone. "
              "Not needed beside an `alertwrap up`.")  # fmt: skip
@click.option(
    "--token-file",
    envvar="ALERTWRAP_TOKEN_FILE",
    type=click.Path(path_type=Path),
    help="File with the token. [ALERTWRAP_TOKEN_FILE]",
)
@click.option(
    "--listen", metavar="HOST:PORT", help="Show how the alerts are doing there too: /alerts, /metrics, /healthz."
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="What is logged, to stderr.",
)
@click.option(
    "--log-format",
    type=click.Choice(["auto", "json", "console"]),
    default="auto",
    show_default=True,
    help="auto: console on a terminal.",
)
def run(
    files: tuple[Path, ...], data: Path | None, server: str | None, token: str | None, token_file: Path | None,
    listen: str | None, log_level: str, log_format: str,
) -> None:  # fmt: skip
    """Run alerts: what they print becomes notices.

    Each FILE is an alert's TOML file, or a directory of them. Directories, and those whose name ends in ".d", are
    watched: alerts are added, changed and removed while the others go on. Ends on SIGTERM or Ctrl-C: the alerts are
    stopped, what they said is delivered.
    """
    from alertwrap.host import Setup, run_alerts  # noqa: PLC0415 - `--help` needs none of it
    from alertwrap.log import Log  # noqa: PLC0415
    from alertwrap.manifest import ManifestError  # noqa: PLC0415
    from alertwrap.process.process import StillAlive  # noqa: PLC0415
    from alertwrap.spool.file import SpoolUnusable  # noqa: PLC0415

    place = data or _default_data()
    beside = DataDirectory(place).server() if server is None else None
    try:
        given = _token(token, token_file or (place / WRAPPER_TOKEN if beside else None))
        setup = Setup(_server(server or beside or _DEFAULT_SERVER), given, place, _address(listen))
    except click.UsageError as error:
        _end(str(error), EX_CONFIG)
    log = Log(as_json=None if log_format == "auto" else log_format == "json", level=log_level)
    log.hide(setup.token)
    try:
        sys.exit(run_alerts(files, setup, log))
    except ManifestError as error:
        _end(str(error), EX_CONFIG)
    except StillAlive as error:
        _end(str(error), EX_TEMPFAIL)
    except (SpoolUnusable, OSError) as error:
        _end(str(error), 1)


def _server(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise click.UsageError(f"ALERTWRAP_SERVER: expected a URL such as http://127.0.0.1:8000, found {url!r}")
    return url.rstrip("/")


def _address(listen: str | None) -> tuple[str, int] | None:
    if listen is None:
        return None
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise click.UsageError(f"--listen: expected an address such as 127.0.0.1:9464, found {listen!r}")
    return host.strip("[]"), int(port)


def _token(token: str | None, file: Path | None) -> str:
    if token:
        return _checked(token, "ALERTWRAP_TOKEN")
    if file is None:
        raise click.UsageError(
            "ALERTWRAP_TOKEN or ALERTWRAP_TOKEN_FILE: expected a token with the scopes notices:write, events:read and "
            "configs:read; `alertwrap token create` makes one"
        )
    try:
        return _checked(file.read_text("utf-8").strip(), str(file))
    except OSError as error:
        raise click.UsageError(f"ALERTWRAP_TOKEN_FILE: cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{file}: expected a file that holds a token and nothing else") from None


def _checked(token: str, origin: str) -> str:
    if not is_token(token):
        raise click.UsageError(f"{origin}: expected a token, which is one word of ASCII characters")
    return token


def _default_data() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415

    return user_data_path("alertwrap")


def _end(text: str, code: int) -> None:
    click.echo("alertwrap: " + text.replace("\n", "\n  "), err=True)
    sys.exit(code)
