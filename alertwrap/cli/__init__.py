"""The command `alertwrap`. Each subcommand is a file of its own, imported when it is used: `run` must start fast."""

from __future__ import annotations

from importlib import import_module

import click

#: Subcommand → where it is defined. The help line stands here so that `--help` imports none of them.
COMMANDS = {
    "up": ("alertwrap.cli.up:up", "Run everything in one process, with example alerts: the way to try it."),
    "run": ("alertwrap.cli.run:run", "Run alerts: what they print becomes notices."),
    "send": ("alertwrap.cli.send:send", "Send one notice by hand."),
    "notices": ("alertwrap.cli.notices:notices", "Show notices, and follow them live."),
    "token": ("alertwrap.cli.token:token", "Create, list and revoke access tokens."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group("alertwrap", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="alertwrap")
def main() -> None:
    """Any executable becomes a source of alerts; each alert reaches the people it concerns.

    \b
    Start with            alertwrap up
    In another terminal   alertwrap notices --follow
    """
