"""A session as a file: NDJSON of {"t", "dir", "line"}, secrets masked. Written while it runs, so a crash keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO, get_args

from alertwrap.kit.session import Direction, Seen, object_of
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
        line = seen.line
        for secret in self._secrets:
            line = line.replace(secret, _STARS).replace(json.dumps(secret)[1:-1], _STARS)
        self._out.write(json.dumps({"t": round(seen.t, 3), "dir": seen.dir, "line": line}, ensure_ascii=False) + "\n")
        self._out.flush()

    def _learn(self, line: str) -> None:
        """Line 1 tells the secrets: they are not to be in the file, wherever they turn up."""
        secrets = (object_of(line) or {}).get("secrets")
        if isinstance(secrets, dict):
            self._secrets += [str(value) for value in secrets.values() if value and str(value) not in self._secrets]


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


def one_run(seen: Sequence[Seen]) -> list[Seen]:
    """The lines of the longest run of a recording: each begins with its own line 1."""
    runs: list[list[Seen]] = [[]]
    for entry in seen:
        if entry.dir == "run" and "the alert has started" in entry.line:
            runs.append([])
        runs[-1].append(entry)
    return max(runs, key=lambda run: sum(entry.dir == "in" for entry in run))


def told(seen: Iterable[Seen]) -> list[dict[str, Any]]:
    """The lines that the alert was told, as objects."""
    return [value for entry in seen if entry.dir == "in" and (value := object_of(entry.line)) is not None]
