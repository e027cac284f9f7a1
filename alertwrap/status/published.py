"""Which alerts were made public from this data directory: known to the next process when this one is killed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path

#: Under the data directory: an empty file for each.
DIRECTORY = "published"
_SUFFIX = ".alert"


class Published:
    """`is_free` tells whether no process runs the alert of a name."""

    def __init__(self, directory: Path, is_free: Callable[[str], bool]) -> None:
        self._directory = directory
        self._is_free = is_free

    def orphans(self, ours: Iterable[str]) -> set[str]:
        """The alerts that were made public and that nobody runs, neither we nor another process."""
        found = {file.name.removesuffix(_SUFFIX) for file in self._directory.glob(f"*{_SUFFIX}")}
        return {name for name in found - set(ours) if self._is_free(name)}

    def add(self, name: str) -> None:
        """A disk that is full costs no more than the clean-up after a kill."""
        with contextlib.suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self._directory / f"{name}{_SUFFIX}").touch(mode=0o600)

    def remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            (self._directory / f"{name}{_SUFFIX}").unlink(missing_ok=True)
