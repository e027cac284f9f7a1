"""Which alerts are to run: the files that were named, and what stands in directories now. Looked at again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from alertwrap.manifest import Manifest, ManifestError, read_manifest

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True)
class Wanted:
    """An alert that is to run. Another `stamp`: its file, or its schema, is another one."""

    file: Path
    manifest: Manifest
    stamp: Stamp


@dataclass(frozen=True)
class Look:
    """What was found: the alerts by name, and what is wrong, by file."""

    wanted: dict[str, Wanted]
    problems: dict[Path, list[str]]


class AlertFiles:
    """`paths`: files and directories. A directory whose name ends in `.d` counts as a whole, however its files were
    named: a shell that expands `alerts.d/*.toml` knows only those of today."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._directories = [path for path in paths if path.is_dir()]
        self._directories += [path.parent for path in paths if _is_collection(path.parent) and not path.is_dir()]
        self._directories = list(dict.fromkeys(self._directories))
        self._files = [path for path in paths if not path.is_dir() and path.parent not in self._directories]
        self._known: dict[Path, tuple[Stamp, Wanted | list[str]]] = {}

    @property
    def named(self) -> list[Path]:
        """The files that stand for themselves."""
        return self._files

    @property
    def open_ended(self) -> bool:
        """Whether there may be more tomorrow."""
        return bool(self._directories)

    def look(self) -> Look:
        """Read what is new or has changed; the first file of a name has it."""
        found: dict[str, Wanted] = {}
        problems: dict[Path, list[str]] = {}
        known, self._known = self._known, {}
        for file in self._present():
            self._known[file] = self._read(file, known.get(file))
            value = self._known[file][1]
            if isinstance(value, list):
                problems[file] = value
            elif value.manifest.name in found:
                other = found[value.manifest.name].file
                problems[file] = [f"{file}: name: {value.manifest.name!r} is already the alert of {other}"]
            else:
                found[value.manifest.name] = value
        return Look(found, problems)

    def _present(self) -> Iterator[Path]:
        yield from self._files
        for directory in self._directories:
            yield from sorted(file for file in directory.glob("*.toml") if not file.name.startswith("."))

    def _read(self, file: Path, known: tuple[Stamp, Wanted | list[str]] | None) -> tuple[Stamp, Wanted | list[str]]:
        schema = known[1].manifest if known and isinstance(known[1], Wanted) else None
        stamp = _stamp(file, schema)
        if known is not None and known[0] == stamp:
            return known
        try:
            manifest = read_manifest(file)
        except ManifestError as error:
            return stamp, error.problems
        stamp = _stamp(file, manifest)
        return stamp, Wanted(file, manifest, stamp)


def _is_collection(directory: Path) -> bool:
    return directory.name.endswith(".d") and directory.is_dir()


def _stamp(file: Path, manifest: Manifest | None) -> Stamp:
    schema = manifest.metric_schema if manifest else None
    return _one(file), _one(manifest.directory / schema) if manifest and schema else None


def _one(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
