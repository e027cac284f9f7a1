"""`alertwrap replay`: tell an alert again what it was told, and see what it says differently. The backtest."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alertwrap.cli.kit import EX_CONFIG, FILE, end
from alertwrap.cli.terminal import printable

if TYPE_CHECKING:
    from alertwrap.kit.replay import Change

_STYLES = {"new": ("+", "green"), "gone": ("-", "red"), "changed": ("~", "yellow")}


@click.command()
@click.argument("session", type=FILE)
@click.option("--against", "alert", type=FILE, required=True, metavar="ALERT",
              help="The alert to ask: its TOML file, or just its program; the one of then, or a new one.")  # fmt: skip
@click.option("--configs", type=FILE, help="JSON: tell it these configs instead of those of then.")
@click.option("--at-most", type=click.FloatRange(0.5), default=60.0, show_default=True, metavar="SECONDS")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def replay(session: Path, alert: Path, configs: Path | None, at_most: float, form: str) -> None:
    """Tell ALERT what SESSION says that it was told, and compare the notices.

    Shows which notices would be new, gone or changed. Nothing is sent anywhere. Exit code 0: the same; 1: not.

    \b
    alertwrap record disk.toml -o session.ndjson --live
    alertwrap replay session.ndjson --against new-disk.toml --configs new.json
    """
    from alertwrap.kit import replay as again  # noqa: PLC0415 - `--help` needs none of it
    from alertwrap.kit.recording import one_run, read  # noqa: PLC0415
    from alertwrap.kit.subject import SubjectError, load, read_configs  # noqa: PLC0415
    from alertwrap.manifest import ManifestError  # noqa: PLC0415

    try:
        seen = one_run(read(session))
        subject = load(alert)
        after = again.replay(subject, seen, read_configs(configs) if configs else None, at_most)
    except (SubjectError, ManifestError, ValueError) as error:
        end(str(error), EX_CONFIG)
    before = again.recorded(seen)
    found = again.compare(before, after)
    if form == "json":
        rows = [{"kind": change.kind, "before": change.before, "after": change.after} for change in found]
        click.echo(
            json.dumps({"before": len(before), "after": len(after), "changes": rows}, ensure_ascii=False, indent=2)
        )
    else:
        for change in found:
            _show(change)
        count = [sum(change.kind == kind for change in found) for kind in _STYLES]
        click.echo(f"then {len(before)} notices, now {len(after)}: {count[0]} new, {count[1]} gone, {count[2]} changed")
    sys.exit(bool(found))


def _show(change: Change) -> None:
    mark, colour = _STYLES[change.kind]
    notice = change.after or change.before or {}
    click.secho(f"{mark} {change.kind:8} {_line(notice)}", fg=colour)
    if change.before is None or change.after is None:
        return
    for name in sorted({*change.before, *change.after}):
        was, now = change.before.get(name), change.after.get(name)
        if was != now and name != "seq":
            click.echo(f"             {name}: {_short(was)} → {_short(now)}")


def _line(notice: dict[str, Any]) -> str:
    word = "resolved" if notice.get("status") == "resolved" else str(notice.get("severity") or "info")
    text = printable(str(notice.get("title") or notice.get("message") or notice.get("key") or ""))
    key = f"  key {printable(str(notice['key']))}" if notice.get("key") else ""
    return f"{word:9}{text}{key}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return printable(text if len(text) <= 100 else text[:99] + "…")
