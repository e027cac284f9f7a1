"""The command `alertwrap`. Each subcommand is a file of its own, imported when it is used: `run` must start fast."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from types import ModuleType

import click

#: Subcommand → where it is defined. The help line stands here so that `--help` imports none of them.
COMMANDS = {
    "up": ("alertwrap.cli.up:up", "Run everything in one process, with example alerts: the way to try it."),
    "sign-in": ("alertwrap.cli.sign_in:sign_in", "Print a one-time link that signs you in to the panel."),
    "run": ("alertwrap.cli.run:run", "Run alerts: what they print becomes notices."),
    "ps": ("alertwrap.cli.alerts:ps", "Show the alerts that run here, and how they are doing."),
    "logs": ("alertwrap.cli.alerts:logs", "Show what the log says of one alert, and follow it."),
    "restart": ("alertwrap.cli.alerts:restart", "Start one alert anew."),
    "hold": ("alertwrap.cli.alerts:hold", "Stop one alert until it is started anew."),
    "send": ("alertwrap.cli.send:send", "Send one notice by hand."),
    "notices": ("alertwrap.cli.notices:notices", "Show notices, and follow them live."),
    "configs": ("alertwrap.cli.configs:configs", "Configs and recipients as a file: export, plan, apply."),
    "token": ("alertwrap.cli.token:token", "Create, list and revoke access tokens."),
    "new": ("alertwrap.cli.new:new", "Write a first alert, in the language of your choice."),
    "dev": ("alertwrap.cli.dev:dev", "Run an alert in a small world of its own, and show all that goes by."),
    "check": ("alertwrap.cli.check:check", "Check whether an alert keeps the contract."),
    "chaos": ("alertwrap.cli.chaos:chaos", "Kill an alert and its wrapper at random, and count what arrives."),
    "record": ("alertwrap.cli.record:record", "Write down every line between the wrapper and an alert."),
    "replay": ("alertwrap.cli.replay:replay", "Tell an alert again what it was told, and compare what it says."),
    "lint": ("alertwrap.cli.lint:lint", "Find the usual traps in alerts without running them."),
    "schema": ("alertwrap.cli.schema:schema", "Print the protocol as JSON Schema, or check lines by it."),
    "explain": ("alertwrap.cli.explain:explain", "Say what a code means and what to do."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(_load(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _load(module: str) -> ModuleType:
    """Imports it with the garbage collector away: what is imported stays, and looking through it while it grows, and
    ever after, takes a tenth of the start."""
    if module in sys.modules:
        return sys.modules[module]
    gc.disable()
    try:
        return import_module(module)
    finally:
        gc.freeze()
        gc.enable()


@click.group("alertwrap", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="alertwrap")
def main() -> None:
    """Any executable becomes a source of alerts; each alert reaches the people it concerns.

    \b
    Start with            alertwrap up
    In another terminal   alertwrap notices --follow
    """
