"""A session as a file: NDJSON of {"t", "dir", "line"}, secrets masked. Written while it runs, so a crash keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO, get_args

from alertwrap.kit.printed import object_of
from alertwrap.kit.session import Direction, Seen
from alertwrap.kit.subject import SubjectError

#: What a recording keeps; what arrived at the center follows from it.
KEPT: tuple[Direction, ...] = ("in", "out", "err", "run")
_STARS = "***"


class Recorder:
    """Call it with every line that goes by."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._secrets: list[str] = []

    def __call__(self, seen: Seen) -> None:
        if seen.dir not in KEPT:
            return
        if seen.dir == "in":
            self._learn(seen.line)
        line = masked(seen.line, self._secrets)
        self._out.write(json.dumps({"t": round(seen.t, 3), "dir": seen.dir, "line": line}, ensure_ascii=False) + "\n")
        self._out.flush()

    def _learn(self, line: str) -> None:
        """Line 1 tells the secrets: they are not to be in the file, wherever they turn up."""
        secrets = (object_of(line) or {}).get("secrets")
        if isinstance(secrets, dict):
            self._secrets += [str(value) for value in secrets.values() if value and str(value) not in self._secrets]


def masked(line: str, secrets: Iterable[str]) -> str:
    """Without these, however they are written in it."""
    for secret in secrets:
        line = line.replace(secret, _STARS).replace(json.dumps(secret)[1:-1], _STARS)
    return line


def read(file: Path) -> list[Seen]:
    """Raises SubjectError naming the line that is none."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SubjectError(f"{file}: {error}") from None
    return [_seen(line, f"{file}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def _seen(line: str, where: str) -> Seen:
    value = object_of(line)
    if value is None or value.get("dir") not in get_args(Direction) or not isinstance(value.get("line"), str):
        raise SubjectError(f'{where}: expected {{"t": seconds, "dir": "in" | "out" | …, "line": "…"}}')
    return Seen(float(value.get("t", 0)), value["dir"], value["line"])


def runs(seen: Sequence[Seen]) -> list[list[Seen]]:
    """The lines of each run of a recording: each begins with its own line 1."""
    found: list[list[Seen]] = []
    for entry in seen:
        if not found or (entry.dir == "run" and "the alert has started" in entry.line and _said(found[-1])):
            found.append([])
        found[-1].append(entry)
    return [run for run in found if _said(run)] or [[]]


def longest(found: Sequence[list[Seen]]) -> list[Seen]:
    """The run that was told most."""
    return max(found, key=lambda run: sum(entry.dir == "in" for entry in run))


def _said(run: Sequence[Seen]) -> bool:
    return any(entry.dir in ("in", "out") for entry in run)


def told(seen: Iterable[Seen]) -> list[dict[str, Any]]:
    """The lines that the alert was told, as objects."""
    return [value for entry in seen if entry.dir == "in" and (value := object_of(entry.line)) is not None]
