"""The alerts of this process for Prometheus, in its text format. No library: it would double the wrapper's memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import get_args

from alertwrap.run.supervision import State
from alertwrap.status.report import Report
from alertwrap.wrapper import Wrapper

Sample = tuple[Mapping[str, str], float]

#: Name → (type, help, the report's field).
_PLAIN = {
    "alertwrap_alert_starts_total": ("counter", "Runs that were started.", "starts"),
    "alertwrap_alert_notices_total": ("counter", "Notices that were accepted.", "notices"),
    "alertwrap_alert_repeated_total": ("counter", "Notices that vanished as repeats.", "repeated"),
    "alertwrap_alert_malformed_total": ("counter", "Lines that could not be read.", "malformed"),
    "alertwrap_alert_ignored_total": ("counter", "Lines of a type that is not known.", "ignored"),
    "alertwrap_alert_queue": ("gauge", "Notices on their way to the notice center.", "queue"),
    "alertwrap_alert_spool_used_ratio": ("gauge", "The part of the spool's quota that is used.", "spool_used"),
}
_UP = frozenset({"STARTING", "RUNNING", "COMPLETED"})


def exposition(wrappers: Iterable[Wrapper]) -> str:
    """Everything that `GET /metrics` says."""
    everyone = tuple(wrappers)
    reports = [wrapper.report for wrapper in everyone]
    lines: list[str] = []
    _family(lines, "alertwrap_alert_up", "gauge", "Whether the alert does what it should.",
            [({"alert": one.alert}, one.state in _UP) for one in reports])  # fmt: skip
    _family(lines, "alertwrap_alert_state", "gauge", "1 for the state that the alert is in.", _states(reports))
    for name, (kind, text, field) in _PLAIN.items():
        _family(lines, name, kind, text, [({"alert": one.alert}, getattr(one, field)) for one in reports])
    last = [({"alert": one.alert}, _seconds(one.last_notice_at)) for one in reports if one.last_notice_at]
    _family(lines, "alertwrap_alert_last_notice_timestamp_seconds", "gauge", "When it last said something.", last)
    said = [
        ({"alert": one.name, "name": name, **{f"label_{key}": text for key, text in labels}}, value)
        for one in everyone
        for (name, labels), value in one.health.metrics.items()
    ]
    _family(lines, "alertwrap_alert_metric", "gauge", "What the alert itself measures.", said)
    return "\n".join(lines) + "\n"


def _states(reports: Sequence[Report]) -> list[Sample]:
    return [({"alert": one.alert, "state": state}, one.state == state) for one in reports for state in get_args(State)]


def _family(lines: list[str], name: str, kind: str, text: str, samples: Sequence[Sample]) -> None:
    lines += [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
        lines.append(f"{name}{{{inside}}} {float(value):.15g}")


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
