"""`alertwrap up`: everything in one process, with example alerts beside it."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import click
from platformdirs import user_data_path
from pydantic import BaseModel

from alertwrap.up.children import keep_running
from alertwrap.up.data_directory import DataDirectory
from alertwrap.up.first_start import Example, examples_directory, find_examples, prepare, register, sign_in_link
from alertwrap.up.services import open_all, read_settings
from service_kit import logs
from service_kit.engine import CannotOpen
from service_kit.peer import Peer
from service_kit.process import EX_CONFIG, EX_SOFTWARE, first_of, override
from service_kit.serve import listen, look_less_for_garbage, on_signals, run, serving
from service_kit.settings import Common, SettingsError, read_source
from service_kit.tasks import Tasks

#: Embedded services are ready in well under this, or something is wrong.
_READY_SECONDS = 60.0


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Directory for all data. [default: XDG data directory]")
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [default: 8000]")
@click.option("--config", type=click.Path(path_type=Path), envvar="ALERTWRAP_CONFIG", help="TOML settings file.")
@click.option("--examples/--no-examples", default=True, help="Run the example alerts.  [default: examples]")
def up(config: Path | None, examples: bool, **given: Any) -> None:
    """Run everything in one process, on embedded storage. SIGTERM or Ctrl-C drains and stops."""
    try:
        common, settings = read_settings(read_source(config, os.environ))
        common = override(common, **given)
        directory = DataDirectory(common.data)
        directory.prepare()
        common = common.model_copy(update={"token": common.token or directory.bootstrap()})
        sys.exit(run(_up(common, settings, directory, find_examples() if examples else [])))
    except SettingsError as error:
        click.echo("alertwrap: wrong settings\n" + "\n".join(f"  {line}" for line in error.problems), err=True)
        sys.exit(EX_CONFIG)
    except CannotOpen as error:
        click.echo(f"alertwrap: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"alertwrap: {_explain(error, common)}", err=True)
        sys.exit(1)


async def _up(common: Common, settings: dict[str, BaseModel], directory: DataDirectory, examples: list[Example]) -> int:
    logs.configure(common.log)
    listener = listen(common.http)
    url = "http://{}:{}".format(*listener.getsockname()[:2])
    tasks, stop = Tasks(), asyncio.Event()
    on_signals(stop.set)
    async with open_all(settings, common, tasks) as app, serving(app, listener):
        look_less_for_garbage()
        local = Peer(url, common.bootstrap(), app)
        await _ready(local)
        await prepare(local, directory.path, examples)
        await register(local, examples)
        directory.announce(url)
        children = Tasks()
        for name, command in _programs(directory, examples):
            children.start(name, keep_running(name, command, _environment(url, directory)))
        _welcome(url, await sign_in_link(local), directory, examples)
        try:
            await first_of(stop, tasks.failed)
        finally:
            directory.withdraw()
            await children.close()
    return EX_SOFTWARE if tasks.failed.is_set() else 0


async def _ready(peer: Peer) -> None:
    """Raises TimeoutError that says what is missing."""
    missing = "nothing was answered"
    try:
        async with peer.http() as http, asyncio.timeout(_READY_SECONDS):
            while not (answer := await http.get("/readyz")).is_success:
                missing = answer.json().get("detail", missing)
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise TimeoutError(f"not ready after {_READY_SECONDS} s: {missing}") from None


def _programs(directory: DataDirectory, examples: list[Example]) -> list[tuple[str, list[str]]]:
    here = [str(example.file) for example in examples if example.missing is None]
    if not here:
        return []
    return [
        ("alerts", [sys.executable, "-m", "alertwrap", "run", "--data", str(directory.path), *here]),
        ("host source", [sys.executable, str(examples_directory() / "sources" / "host.py")]),
    ]


def _environment(url: str, directory: DataDirectory) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ALERTWRAP_")}
    return own | {"ALERTWRAP_SERVER": url, "ALERTWRAP_TOKEN_FILE": str(directory.path / "wrapper.token")}


def _welcome(url: str, link: str, directory: DataDirectory, examples: list[Example]) -> None:
    program = _program_name()
    data = "" if directory.path == user_data_path("alertwrap") else f" --data {directory.path}"
    click.echo(f"alertwrap is ready: {url}\n")
    click.echo(f"  {'sign in':14} {link}")
    click.echo(f"  {'':14} works once, for 15 minutes; another one: {program} sign-in{data}\n")
    for what, how in (
        ("watch notices", f"{program} notices --follow{data}"),
        ("send one", f'{program} send "Hello" --to admin{data}'),
        ("ask the API", f'curl -H "Authorization: Bearer $(cat {directory.path}/admin.token)" {url}/api/v1/inbox'),
        ("more tokens", f"{program} token create --scope notices:write{data}"),
    ):
        click.echo(f"  {what:14} {how}")
    click.echo(f"  {'data':14} {directory.path}")
    running = [example.name for example in examples if example.missing is None]
    click.echo(f"\n  {'example alerts':14} {', '.join(running) or 'none'}")
    for example in examples:
        if example.missing:
            click.echo(f"  {'':14} {example.name} is left out: {example.missing} is not installed")
    click.echo("\nCtrl-C stops.")


def _program_name() -> str:
    """How the person can call this program from here."""
    name = Path(sys.argv[0])
    if name.name != "alertwrap":
        return f"{sys.executable} -m alertwrap"
    found = shutil.which("alertwrap")
    on_path = found is not None and Path(found).resolve() == name.resolve()
    return "alertwrap" if on_path else os.path.relpath(name)


def _explain(error: OSError, common: Common) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {common.http.port} is taken; stop what uses it or say --port"
    return str(error)
