"""What a disk would hold after the power went: rebuilt from the record of what a process did to its files.

SIGKILL loses nothing that was written, since the page cache outlives the process; a power cut loses whatever was not
synced. So a process runs under `record.c`, and from its record the files are made as they would be found: with what was
synced by then, and of the rest nothing, or any part of it.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.conftest import missing

SOURCE = Path(__file__).with_name("record.c")
_HEAD = struct.Struct("=4q")
#: What a disk writes as one: a write of several may have come through in part.
_SECTOR = 512


@dataclass(frozen=True)
class Step:
    """One thing that was done: `op` is C(reate), W(rite), T(runcate), S(ync), U(nlink) or R(ename)."""

    op: str
    path: str
    offset: int
    data: bytes


@dataclass
class _File:
    """`synced` stands on the disk for certain, `since` was done after it. `named`: its directory knows it."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[Step] = field(default_factory=list)
    named: bool = False
    gone: bool = False


class Platter:
    """The files below one directory, as the steps of a record make them."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}

    def take(self, step: Step) -> None:
        match step.op:
            case "C":
                self._files[step.path] = _File()
            case "W" | "T":
                self._files.setdefault(step.path, _File()).since.append(step)
            case "U":
                self._files[step.path].gone = True
            case "S" if step.path in self._files:
                file = self._files[step.path]
                _apply(file.synced, file.since)
                file.since.clear()
            case "S":
                self._sync_directory(step.path)
            case _:
                raise AssertionError(f"not modelled: {step.op} {step.path}")

    def cut(self, root: str, to: Path, chance: Random | None = None) -> None:
        """Write the files below `root` into `to` as they are found after a power cut now.

        Of what was not synced nothing came through; with `chance` some did, whole or in part, in any order.
        """
        for path, file in self._files.items():
            if file.named:
                content = bytearray(file.synced)
                if chance:
                    _apply(content, _some(file.since, chance))
                target = to / os.path.relpath(path, root)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)

    def _sync_directory(self, path: str) -> None:
        within = [name for name in self._files if os.path.dirname(name) == path]
        for name in within:
            if self._files[name].gone:
                del self._files[name]
            else:
                self._files[name].named = True


def recorder(directory: Path) -> Path:
    """The library that records, compiled into `directory`."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        missing("a C compiler (gcc)")
    library = directory / "record.so"
    command = [str(compiler), "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return library


def recorded(library: Path, root: Path, log: Path, base: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process whose files below `root` are recorded in `log`."""
    return {**base, "LD_PRELOAD": str(library), "POWER_ROOT": str(root), "POWER_LOG": str(log)}


def steps(record: bytes) -> Iterator[tuple[Step, int]]:
    """Each step, and where in the record it ends."""
    at = 0
    while at + _HEAD.size <= len(record):
        op, offset, name, length = _HEAD.unpack_from(record, at)
        at += _HEAD.size
        path = record[at : at + name].decode()
        yield Step(chr(op), path, offset, record[at + name : at + name + length]), at + name + length
        at += name + length


def _apply(content: bytearray, done: list[Step]) -> None:
    for step in done:
        if step.op == "T":
            del content[step.offset :]
            content.extend(bytes(step.offset - len(content)))
        else:
            content.extend(bytes(max(0, step.offset - len(content))))
            content[step.offset : step.offset + len(step.data)] = step.data


def _some(done: list[Step], chance: Random) -> list[Step]:
    kept = [step for step in done if chance.random() < 0.5]
    return [_torn(step, chance) if chance.random() < 0.3 else step for step in kept]


def _torn(step: Step, chance: Random) -> Step:
    sectors = len(step.data) // _SECTOR
    kept = chance.randrange(sectors + 1) * _SECTOR if sectors else len(step.data)
    return Step(step.op, step.path, step.offset, step.data[:kept])
