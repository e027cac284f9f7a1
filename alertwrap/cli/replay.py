"""`alertwrap replay`: tell an alert again what it was told, and see what it says differently. The backtest."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alertwrap.cli.kit import EX_CONFIG, FILE, end
from alertwrap.cli.terminal import StatusLine, folded, printable, width

if TYPE_CHECKING:
    from alertwrap.kit.replay import Change, Echo
    from alertwrap.kit.subject import Subject

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
    from alertwrap.kit.recording import longest, read, runs  # noqa: PLC0415
    from alertwrap.kit.subject import SubjectError, load  # noqa: PLC0415
    from alertwrap.manifest import ManifestError  # noqa: PLC0415

    try:
        recorded, subject = runs(read(session)), load(alert)
        seen, given = longest(recorded), _configs(configs, subject) if configs else None
        with StatusLine(f"telling {subject.manifest.name} what was told then …"):
            echo = again.replay(subject, seen, given, at_most)
    except (SubjectError, ManifestError, ValueError) as error:
        end(str(error), EX_CONFIG)
    before = again.recorded(subject, seen)
    found = again.compare(before, echo.notices)
    if form == "json":
        _as_json(before, echo, found)
    else:
        if len(recorded) > 1:
            click.secho(f"{session} holds {len(recorded)} runs; this is the longest", dim=True)
        _as_text(before, echo, found)
    sys.exit(bool(found))


def _configs(file: Path, subject: Subject) -> list[dict[str, Any]]:
    from alertwrap.kit.subject import SubjectError, read_configs, refused  # noqa: PLC0415

    configs = read_configs(file)
    problems = refused(subject, configs)
    if problems:
        raise SubjectError("\n".join((f"{file}: its metric_schema refuses this, and it would never see it", *problems)))
    return configs


def _as_json(before: list[dict[str, Any]], echo: Echo, found: list[Change]) -> None:
    rows = [{"kind": change.kind, "before": change.before, "after": change.after} for change in found]
    whole = {"before": len(before), "after": len(echo.notices), "doubt": echo.doubt, "changes": rows}
    click.echo(json.dumps(whole, ensure_ascii=False, indent=2))


def _as_text(before: list[dict[str, Any]], echo: Echo, found: list[Change]) -> None:
    for change in found:
        _show(change, width())
    if echo.doubt:
        click.secho(f"perhaps not all: {printable(echo.doubt)}", fg="red")
    count = [sum(change.kind == kind for change in found) for kind in _STYLES]
    then, now = _notices(len(before)), len(echo.notices)
    changes = f"then {then}, now {now}: {count[0]} new, {count[1]} gone, {count[2]} changed"
    click.echo(changes if found else f"the same {then} as then")


def _notices(count: int) -> str:
    return f"{count} notice" + "s" * (count != 1)


def _show(change: Change, columns: int | None) -> None:
    mark, colour = _STYLES[change.kind]
    notice = change.after or change.before or {}
    word = "resolved" if notice.get("status") == "resolved" else str(notice.get("severity") or "info")
    text = printable(str(notice.get("title") or notice.get("message") or notice.get("key") or ""))
    key = f"  ({printable(str(notice['key']))})" if notice.get("key") else ""
    head = f"{mark} {change.kind:8} {word:9}"
    click.echo(click.style(head, fg=colour) + folded(text + key, " " * len(head), columns).lstrip())
    if change.before is None or change.after is None:
        return
    for name in sorted({*change.before, *change.after}):
        was, now = change.before.get(name), change.after.get(name)
        if was != now and name != "seq":
            what = printable(str(was)) if name == "title" and was else f"{_short(was)} → {_short(now)}"
            label = "was" if name == "title" and was else name
            click.secho(folded(what, f"{'':11}{label}: ", columns), dim=True)


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return printable(text if len(text) <= 100 else text[:99] + "…")
