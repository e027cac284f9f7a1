"""What the kernel allows: many descriptors to this process, which holds ten for each alert; to an alert what its file
says."""

from __future__ import annotations

import contextlib
import resource
import shutil

from alertwrap.manifest import Limits

#: What programs expect to find: some walk through all that they might have. They may raise it themselves.
_ORDINARY_FILES = 1024


def raise_open_files() -> None:
    """As many descriptors for us as we may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def limited(command: list[str], limits: Limits) -> list[str]:
    """The command so that it runs within its limits. prlimit sets them and becomes the program: the same process."""
    prlimit = shutil.which("prlimit")
    words = [f"--{option}={value}:{value}" for _, option, value in _wanted(limits)]
    return [prlimit, *words, "--", *command] if prlimit and words else command


def limit(pid: int, limits: Limits) -> None:
    """What can be set from outside after the start: where there is no `prlimit`, and how many files it finds usual."""
    if not hasattr(resource, "prlimit"):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    late = [] if shutil.which("prlimit") else [(kind, (value, value)) for kind, _, value in _wanted(limits)]
    if limits.open_files is None:
        late.append((resource.RLIMIT_NOFILE, (_lower(_ORDINARY_FILES, hard), hard)))
    for kind, value in late:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, kind, value)


def _wanted(limits: Limits) -> list[tuple[int, str, int]]:
    """Each limit that is set: the kernel's number, prlimit's option, the value."""
    cpu = int(limits.cpu.total_seconds()) if limits.cpu else None
    given = (
        (resource.RLIMIT_DATA, "data", limits.memory), (resource.RLIMIT_FSIZE, "fsize", limits.file_size),
        (resource.RLIMIT_CPU, "cpu", cpu), (resource.RLIMIT_NOFILE, "nofile", limits.open_files),
    )  # fmt: skip
    return [(kind, option, value) for kind, option, value in given if value is not None]


def _lower(one: int, other: int) -> int:
    return one if other == resource.RLIM_INFINITY else min(one, other)
