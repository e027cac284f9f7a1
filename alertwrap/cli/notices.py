"""`alertwrap notices`: the history in the terminal, and with `--follow` what happens while you look."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import click

from alertwrap.cli.api import call
from alertwrap.cli.connection import Connection, connected
from alertwrap.cli.terminal import printable

_COLOURS = {"info": "blue", "success": "green", "warning": "yellow", "error": "red", "critical": "magenta"}
#: What tells two states of one notice apart: read marks alone are no news in the terminal.
Seen = tuple[str, int, str]


@click.command()
@click.option("--follow", "-f", is_flag=True, help="Stay, and show each notice as it comes.")
@click.option("--recipient", help="The inbox of this person (with an operator's token).")
@click.option("--unread", is_flag=True, help="Only what was not read yet.")
@click.option("--limit", "-n", type=click.IntRange(0, 200), default=20, show_default=True, help="How much history.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@connected
def notices(
    follow: bool,
    recipient: str | None,
    unread: bool,
    limit: int,
    as_json: bool,
    connection: Connection,
) -> None:
    """Show notices, newest last; Ctrl-C ends --follow."""
    shown: set[Seen] = set()
    show(reversed(history(connection, recipient, unread, limit)), shown, as_json)
    if follow:
        call(connection, "GET", "/api/v1/topics/inbox", params={"limit": 1})  # says at once whether we may
        click.echo(f"following {connection.server}, Ctrl-C ends", err=True)
        try:
            show(live(connection, recipient), shown, as_json)
        except KeyboardInterrupt:
            click.echo(err=True)


def history(connection: Connection, recipient: str | None, unread: bool, limit: int) -> list[dict[str, Any]]:
    """The newest notices, newest first: one inbox, or everything when no recipient is meant."""
    if limit == 0:
        return []
    params: dict[str, Any] = {"limit": limit}
    if recipient or unread:
        params |= {"recipient": recipient} if recipient else {}
        params |= {"view": "unread"} if unread else {}
        return list(call(connection, "GET", "/api/v1/inbox", params=params)["items"])
    return list(call(connection, "GET", "/api/v1/notices", params=params, instead="/api/v1/inbox")["items"])


def live(connection: Connection, recipient: str | None) -> Iterator[dict[str, Any]]:
    """Inbox entries as they change, for ever."""
    from notifier.frames import Change  # noqa: PLC0415 - only needed to follow
    from notifier.sync_client import Follower  # noqa: PLC0415

    follower = Follower(connection.server, connection.token.get_secret_value(), ["inbox"], patient=False)
    try:
        for step in follower:
            entries = [step.data] if isinstance(step, Change) else list(step.items.values())
            for entry in sorted(filter(None, entries), key=lambda entry: str(entry["updated_at"])):
                if recipient in (None, entry["recipient"]):
                    yield entry
    except PermissionError as error:
        raise click.ClickException(printable(str(error))) from None
    finally:
        follower.stop()


def show(entries: Iterable[dict[str, Any]], shown: set[Seen], as_json: bool) -> None:
    """Print each notice once per state, however many people have it in their inbox."""
    for entry in entries:
        seen = (entry["id"], entry["count"], entry["status"])
        if seen in shown:
            continue
        shown.add(seen)
        click.echo(json.dumps(entry) if as_json else line(entry))


def line(entry: dict[str, Any]) -> str:
    """`21:25:20  warning   disk  Disk / is 92% full  ×3`"""
    at = datetime.fromisoformat(entry["updated_at"]).astimezone()
    word = "resolved" if entry["status"] == "resolved" else entry["severity"]
    colour = "green" if word == "resolved" else _COLOURS.get(word, "white")
    text = entry["title"] or entry["message"].partition("\n")[0] or entry["key"] or ""
    times = f"  ×{entry['count']}" if entry["count"] > 1 else ""
    return "  ".join(
        (
            click.style(f"{at:%d %b %H:%M:%S}", dim=True),
            click.style(f"{word:8}", fg=colour, bold=True),
            click.style(f"{printable(entry['alert']):12}", dim=True),
            printable(text) + times,
        )
    )
