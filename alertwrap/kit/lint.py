"""What can be seen without running anything: the traps that everybody falls into, in an alert's file and source."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from alertwrap.manifest import Manifest, metric_schema

#: Larger files are no source.
_MOST_BYTES = 1_000_000
_SHELL = frozenset({".sh", ".bash", ""})
_SUFFIXES = (".sh", ".bash", ".py", ".js", ".pl", ".rb", ".php", ".c", ".go", ".rs", ".java")
_SECRET = re.compile(r"(?i)(?:token|password|passwd|secret|api[_-]?key)[=:]\S{6,}|--(?:token|password)[= ]\S+")


class Found(NamedTuple):
    """One thing to look at."""

    code: str
    where: str
    what: str


@dataclass(frozen=True)
class Trap:
    """A line that matches `pattern`, in files of these kinds, unless it matches `but`."""

    code: str
    suffixes: frozenset[str]
    pattern: re.Pattern[str]
    what: str
    but: re.Pattern[str] | None = None
    stream_only: bool = True


def _trap(code: str, suffixes: str, pattern: str, what: str, but: str | None = None, *, stream: bool = True) -> Trap:
    kinds = _SHELL if suffixes == "shell" else frozenset(suffixes.split())
    return Trap(code, kinds, re.compile(pattern), what, re.compile(but) if but else None, stream)


TRAPS = (
    _trap("L03", "shell", r"=\"?\$\(cat\)", "reads until the end of stdin, which is the stop"),
    _trap("L03", ".py", r"json\.load\(sys\.stdin\)|sys\.stdin\.read\(\)", "reads until the end of stdin"),
    _trap("L03", ".js", r"readFileSync\((?:0|['\"]/dev/stdin)", "reads until the end of stdin"),
    _trap("L03", ".rb", r"(?:STDIN|\$stdin)\.read\b", "reads until the end of stdin"),
    _trap("L03", ".php", r"stream_get_contents\(STDIN|file_get_contents\(['\"]php://stdin", "reads until the end"),
    _trap("L04", "shell", r"\$\((?:head -n ?1|head -1|line|sed (?:-n )?1)\b[^|<]*\)", "swallows the lines behind it"),
    _trap("L05", "shell", r"\|\s*(?:jq|grep|sed)\b(?!.*\|\s*\w).*$", "shows nothing until it ends",
          r"--unbuffered|--line-buffered|sed -u|\$\(|<\(|`|stdbuf|grep -q|\|\s*while", stream=False),
    _trap("L06", "shell", r"(?:^|[;&|(]\s*|\bthen\s+|\bdo\s+)(?:ssh|ffmpeg|psql|mysql)\s", "eats what stdin holds",
          r"</dev/null|< /dev/null|ssh -\w*n|<<"),
    _trap("L08", ".c", r"\bfgets\([^,]+,\s*(?:\d{1,6}|sizeof)", "a line may be 1 MiB long"),
    _trap("L08", ".go", r"bufio\.NewScanner\(os\.Stdin\)", "a Scanner takes 64 KiB a line, unless it gets a Buffer"),
)  # fmt: skip

#: In a program of this kind that prints, one of these must stand somewhere.
FLUSHES = {
    ".pl": (r"\bprint\b|\bsay\b", r"\$\|\s*(?:=|\+\+)|autoflush"),
    ".rb": (r"\bputs\b|\bprint\b", r"sync\s*=\s*true|\.flush"),
    ".c": (r"\bprintf\(|\bputs\(|\bfputs\(", r"fflush|setvbuf|setlinebuf"),
    ".java": (r"System\.out\.print", r"checkError|flush\("),
}


def lint(file: Path, manifest: Manifest) -> list[Found]:
    """Everything that is to be looked at, in the order of the code's lines."""
    found = [*_of_file(file, manifest)]
    for source in _sources(file, manifest):
        found += _of_source(source, manifest)
    return found


def _of_file(file: Path, manifest: Manifest) -> Iterator[Found]:
    program = manifest.program
    if program is not None and program.exists():
        with program.open("rb") as stream:
            first = stream.readline(200)
        if not os.access(program, os.X_OK):
            yield Found("L01", program.name, "is not executable")
        if first.startswith(b"#!") and first.endswith(b"\r\n"):
            yield Found("L02", program.name, "ends its lines as Windows does")
    for word in manifest.command:
        if _SECRET.search(word):
            yield Found("L11", file.name, "command: a secret stands in it")
    if manifest.watch and manifest.stdin == "none":
        yield Found("L12", file.name, f'watch: {", ".join(manifest.watch)}, and stdin = "none"')
    schema = metric_schema(manifest)
    if schema is None:
        yield Found("L09", file.name, "no metric_schema")
    else:
        yield from _of_schema(str(manifest.metric_schema), schema)


def _of_schema(name: str, schema: dict[str, Any]) -> Iterator[Found]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only when there is one
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield Found("L10", name, error.message)
        return
    for field, part in (schema.get("properties") or {}).items():
        lacks = [word for word in ("title", "default") if not isinstance(part, dict) or word not in part]
        if lacks:
            yield Found("L10", name, f"{field}: no {' and no '.join(lacks)}")
        elif not Draft202012Validator(part).is_valid(part["default"]):
            yield Found("L10", name, f"{field}: its default breaks its own rule")


def _sources(file: Path, manifest: Manifest) -> list[Path]:
    """The program where it is a script, or what a program beside the file may be built from."""
    words = [manifest.directory / word for word in manifest.command if (manifest.directory / word).is_file()]
    beside = [found for suffix in _SUFFIXES if (found := file.with_suffix(suffix)).is_file()]
    names = dict.fromkeys(path.resolve() for path in (*words, *beside))
    return [path for path in names if path.suffix in {*_SUFFIXES, ""} and path.stat().st_size < _MOST_BYTES]


def _of_source(source: Path, manifest: Manifest) -> Iterator[Found]:
    data = source.read_bytes()
    if b"\0" in data:
        return  # built
    text = data.decode("utf-8", "replace")
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        for trap in TRAPS:
            if _caught(trap, source.suffix, line, manifest):
                yield Found(trap.code, f"{source.name}:{number}", trap.what)
    yield from _flushes(source, text)


def _caught(trap: Trap, suffix: str, line: str, manifest: Manifest) -> bool:
    applies = suffix in trap.suffixes and not (trap.stream_only and manifest.stdin != "stream")
    code = line.lstrip()
    if not applies or code.startswith(("#", "//")) or not trap.pattern.search(line):
        return False
    if trap.code == "L06" and line.count("(") > line.count(")"):
        return False  # the command goes on, and its redirection stands at its end
    return trap.but is None or not trap.but.search(line)


def _flushes(source: Path, text: str) -> Iterator[Found]:
    prints, flushes = FLUSHES.get(source.suffix, (None, None))
    if prints and flushes and re.search(prints, text) and not re.search(flushes, text):
        yield Found("L07", source.name, "prints, and never flushes")
