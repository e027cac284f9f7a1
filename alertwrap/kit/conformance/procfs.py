"""What Linux tells of an alert and all that it has started, by the session that they share. Elsewhere: nothing."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
#: Running, or waiting for a disk: it would go on if the machine let it.
_AT_WORK = ("R", "D")
_LOOKS, _LOOK_SECONDS = 10, 0.02


def known() -> bool:
    """Whether this machine tells at all."""
    return (_PROC / "self" / "stat").exists()


def members(session: int | None) -> Iterator[Path]:
    """The directory in /proc of each living process of this session."""
    for entry in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = _fields(entry)
            if int(fields[3]) == session and fields[0] != "Z":
                yield entry


def memory(session: int | None) -> int:
    """Bytes that they hold in memory."""
    total, page = 0, os.sysconf("SC_PAGE_SIZE")
    for entry in members(session):
        with contextlib.suppress(OSError, IndexError, ValueError):
            total += int(_fields(entry)[21]) * page
    return total


def at_work(session: int | None) -> bool:
    """Whether one of their threads has something to do: then it is slow, and does not wait for us."""
    for _ in range(_LOOKS if known() else 0):
        for entry in members(session):
            with contextlib.suppress(OSError, IndexError):
                if any(_fields(thread)[0] in _AT_WORK for thread in (entry / "task").iterdir()):
                    return True
        time.sleep(_LOOK_SECONDS)
    return not known()


def crowded() -> bool:
    """Whether more wants to run on this machine than it has processors for, in the last minute."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def command_line(entry: Path) -> str:
    """As a person would type it."""
    return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()


def _fields(entry: Path) -> list[str]:
    """Of its `stat`, from the state on: the program's name before it may hold anything."""
    return (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
