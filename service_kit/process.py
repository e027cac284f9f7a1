"""One service as one process: read the settings, open it, serve until told to stop. Every `__main__` is one call."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel
from starlette.types import ASGIApp

from service_kit import logs
from service_kit.engine import CannotOpen
from service_kit.peer import Peers
from service_kit.serve import listen, look_less_for_garbage, on_signals, run, serving
from service_kit.settings import Common, HttpSettings, SettingsError, read_source
from service_kit.tasks import Tasks

S = TypeVar("S", bound=BaseModel)
#: Opens a service; leaving the block stops it. Arguments: its settings, the common ones, its peers, its tasks.
OpenApp = Callable[[S, Common, Peers, Tasks], AbstractAsyncContextManager[ASGIApp]]

#: sysexits.h: the configuration is wrong; an internal failure, start me again.
EX_CONFIG, EX_SOFTWARE = 78, 70


def service_command(name: str, title: str, settings: type[S], open_app: OpenApp[S]) -> click.Group:
    """The command line of a service: `NAME serve [--config FILE] [--data DIR] [--host H] [--port P]`."""

    @click.group(name, help=title, context_settings={"help_option_names": ["-h", "--help"]})
    @click.version_option(package_name="alertwrap")
    def group() -> None: ...

    @group.command()
    @click.option("--config", type=click.Path(path_type=Path), envvar="ALERTWRAP_CONFIG", help="TOML settings file.")
    @click.option("--data", type=click.Path(path_type=Path), help="Directory of embedded databases.")
    @click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
    @click.option(
        "--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one. [default: 8000]"
    )
    def serve(config: Path | None, **given: Any) -> None:
        """Serve until SIGTERM or Ctrl-C."""
        try:
            source = read_source(config, os.environ)
            source.require(settings, Common)
            own, common = source.read(settings), override(source.read(Common), **given)
            sys.exit(run(_serve(name, own, common, open_app)))
        except SettingsError as error:
            click.echo(f"{name}: wrong settings\n" + "\n".join(f"  {line}" for line in error.problems), err=True)
            sys.exit(EX_CONFIG)
        except (CannotOpen, OSError) as error:
            click.echo(f"{name}: {error}", err=True)
            sys.exit(1)

    return group


def override(common: Common, *, data: Path | None = None, host: str | None = None, port: int | None = None) -> Common:
    """What the command line said wins over file and environment."""
    http = {"host": host, "port": port}
    return common.model_copy(
        update={
            "http": HttpSettings(**{**common.http.model_dump(), **{k: v for k, v in http.items() if v is not None}}),
            "data": data or common.data,
        }
    )


async def _serve(name: str, settings: S, common: Common, open_app: OpenApp[S]) -> int:
    logs.configure(common.log)
    peers = Peers(common.server, common.bootstrap(), common.peers)
    listener = listen(common.http)
    tasks = Tasks()
    stop = asyncio.Event()
    on_signals(stop.set)
    async with open_app(settings, common, peers, tasks) as app, serving(app, listener):
        look_less_for_garbage()
        host, port = listener.getsockname()[:2]
        click.echo(f"{name} listens on http://{host}:{port}", err=True)
        await first_of(stop, tasks.failed)
    return EX_SOFTWARE if tasks.failed.is_set() else 0


async def first_of(*events: asyncio.Event) -> None:
    """Return when the first of `events` is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
