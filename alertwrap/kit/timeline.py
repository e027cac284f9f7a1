"""What goes by between wrapper and alert, as lines for a person: what was told, what was said, what became of it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from alertwrap.cli.terminal import printable
from alertwrap.kit.printed import is_notice, object_of
from alertwrap.kit.session import Seen

#: Longer texts are cut: a line is a line.
_WIDE = 160
#: The marks of what went wrong: its stderr, and what the wrapper has to say.
TROUBLE = frozenset("!▲")
_SEVERITIES = {"info": "blue", "success": "green", "warning": "yellow", "error": "red", "critical": "magenta"}


class Entry(NamedTuple):
    """One line: `→ config  …` with the colour of its kind."""

    mark: str
    kind: str
    text: str
    style: str = ""


def entry(seen: Seen) -> Entry | None:
    """How to show it; None for what is of no interest."""
    if seen.dir == "err":
        return Entry("!", "stderr", seen.line, "red")
    value = object_of(seen.line)
    if value is None:
        return Entry("←", "text", seen.line, "yellow") if seen.dir == "out" and seen.line.strip() else None
    if seen.dir == "in":
        return _told(value)
    if seen.dir == "out":
        return _said(value)
    if seen.dir == "notice":
        return _arrived(value)
    return _run(value) if seen.dir == "run" else _log(value)


def text(t: float, shown: Entry) -> str:
    """`   0.131 ← notice   warning  Disk / is 93 % full`"""
    return f"{t:8.3f} {shown.mark} {shown.kind:9} {cut(shown.text)}".rstrip()


def cut(value: str) -> str:
    clean = printable(value)
    return clean if len(clean) <= _WIDE else clean[: _WIDE - 1] + "…"


def _told(value: dict[str, Any]) -> Entry:
    kind = str(value.get("type"))
    if kind in ("config", "run"):
        metrics = ", ".join(_compact(config.get("metric")) for config in value.get("configs", ()))
        state = "" if value.get("state") is None else f"  state {_compact(value['state'])}"
        return Entry("→", kind, (metrics or "no config") + state, "cyan")
    if kind == "entity":
        what = "deleted" if value.get("deleted") else _compact(value.get("data"))
        return Entry("→", kind, f"{value.get('topic')} {value.get('key')}  {what}", "cyan")
    if kind == "recipient":
        return Entry("→", kind, f"{value.get('id')}" + ("  deleted" if value.get("deleted") else ""), "dim")
    rest = {name: part for name, part in value.items() if name not in ("type", "at")}
    return Entry("→", kind, _compact(rest), "dim")


def _said(value: dict[str, Any]) -> Entry:
    if not is_notice(value):
        rest = {name: part for name, part in value.items() if name != "type"}
        return Entry("←", str(value["type"]), _compact(rest), "dim")
    status = "resolved" if value.get("status") == "resolved" else str(value.get("severity") or "info")
    title = str(value.get("title") or value.get("message") or value.get("key") or "")
    key = f"  key {value['key']}" if value.get("key") else ""
    return Entry("←", "notice", f"{status:9}{title}{key}", f"bold {_SEVERITIES.get(status, 'green')}")


def _arrived(value: dict[str, Any]) -> Entry | None:
    """What the alert said is shown when it says it; here is what the wrapper itself has to say, and what was mended."""
    labels = value.get("labels") or {}
    if value.get("alert") == "alertwrap":
        message = str(value.get("message") or "").partition("\n")[0]
        return Entry("▲", str(labels.get("kind", "notice")), f"{value.get('title')}  {message}", "bold magenta")
    if labels.get("alertwrap"):
        return Entry("▲", "mended", f"{labels['alertwrap']}: {value.get('message') or value.get('title')}", "magenta")
    return None


def _run(value: dict[str, Any]) -> Entry | None:
    event = str(value["event"])
    if event == "the alert has started":
        return Entry("▸", "started", f"pid {value.get('pid')}, because: {value.get('reason')}", "green")
    if event == "the alert has ended":
        bad = value.get("how") != "exit code 0"
        return Entry("▪", "ended", f"{value.get('how')} after {value.get('seconds')} s", "red" if bad else "green")
    return None


def _log(value: dict[str, Any]) -> Entry | None:
    """What the alert logs, and what the wrapper warns of."""
    if value.get("source") in ("alert", "stdout") or value.get("level") not in ("warning", "error") or "kind" in value:
        return None
    rest = {name: part for name, part in value.items() if name not in ("event", "level", "timestamp", "alert")}
    return Entry("▲", "warning", f"{value['event']} {_compact(rest) if rest else ''}", "magenta")


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": ")) if value not in (None, {}) else "{}"
