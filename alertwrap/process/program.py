"""The program of an alert, looked at before it is started: what of it is at fault, if anything."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from alertwrap.manifest import Manifest

Failure = Literal["missing", "permission", "interpreter", "format", "system"]

_NEITHER = "neither a program of this machine's kind nor a script with #! in its first line"
#: As much of a file as tells what it is: the first line of a script, the header of an ELF file.
_HEADER = 256
#: Where an ELF header says for which kind of machine it is.
_MACHINE = slice(18, 20)
#: The 32-bit machines whose programs their successors run too: x86 and arm.
_OLDER = {b"\x3e\x00": b"\x03\x00", b"\xb7\x00": b"\x28\x00"}


class CannotRun(Exception):
    """The program cannot be started. `failure` says which of its parts is at fault."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure


def command_of(manifest: Manifest, environment: Mapping[str, str]) -> list[str]:
    """The command with its program found and looked at. Raises CannotRun saying what is wrong with it."""
    word, *arguments = manifest.command
    program = str(manifest.program) if manifest.program else _in_path(word, manifest.directory, environment)
    if not os.path.exists(program):
        raise CannotRun("missing", f"{program}: no such program")
    if os.path.isdir(program):
        raise CannotRun("missing", f"{program}: is a directory")
    if not os.access(program, os.X_OK):
        raise CannotRun("permission", f"{program}: not executable; chmod +x makes it so")
    _check(program, environment)
    buffered = ["stdbuf", "-oL"] if manifest.line_buffer and shutil.which("stdbuf") else []
    return [*buffered, program, *arguments]


def _in_path(word: str, directory: Path, environment: Mapping[str, str]) -> str:
    found = shutil.which(word, path=environment.get("PATH"))
    if found:
        return found
    hint = f'; the file beside the alert is called "./{word}"' if (directory / word).exists() else ""
    raise CannotRun("missing", f"{word}: no such program in PATH{hint}")


def _check(program: str, environment: Mapping[str, str]) -> None:
    """Look at how it begins. Raises CannotRun for what the kernel would refuse, saying why."""
    with contextlib.suppress(OSError), open(program, "rb") as file:
        first = file.read(_HEADER)
        if first.startswith(b"#!"):
            _check_interpreter(program, first.splitlines(keepends=True)[0], environment)
        elif sys.platform == "linux" and not _knows_more_formats():
            _check_machine(program, first)


def _check_interpreter(program: str, first: bytes, environment: Mapping[str, str]) -> None:
    words = first[2:].decode(errors="replace").split()
    if first.rstrip(b"\n").endswith(b"\r"):
        raise CannotRun("interpreter", f"{program}: its first line ends in a carriage return")
    if not words:
        raise CannotRun("interpreter", f"{program}: #! names no interpreter")
    if not os.path.exists(words[0]):
        raise CannotRun("interpreter", f"{program}: its interpreter {words[0]} does not exist")
    named = next((word for word in words[1:] if not word.startswith("-") and "=" not in word), None)
    if Path(words[0]).name == "env" and named and not shutil.which(named, path=environment.get("PATH")):
        raise CannotRun("interpreter", f"{program}: its interpreter {named} is not in PATH")


def _check_machine(program: str, first: bytes) -> None:
    """Must be done here: what starts it on our behalf gives to a shell what the kernel refuses."""
    if not first.startswith(b"\x7fELF"):
        raise CannotRun("format", f"{program}: {_NEITHER}")
    with open("/proc/self/exe", "rb") as ours:
        machine = ours.read(_HEADER)[_MACHINE]
    if first[_MACHINE] not in (machine, _OLDER.get(machine)):
        raise CannotRun("format", f"{program}: it is made for machines of another kind")


def _knows_more_formats() -> bool:
    """Whether this Linux was taught to run other things than its own programs and scripts (binfmt_misc)."""
    with contextlib.suppress(OSError):
        return bool(set(os.listdir("/proc/sys/fs/binfmt_misc")) - {"register", "status"})
    return False


def dying_with_us(command: list[str]) -> list[str]:
    """Linux ends the alert when the wrapper is killed. setpriv asks for it and becomes the alert: same process."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "TERM", "--", *command] if setpriv else command


def explained(error: OSError, program: str) -> CannotRun:
    """What the system says of an attempt to start it, in our words."""
    if error.errno == errno.ENOEXEC:
        return CannotRun("format", f"{program}: {_NEITHER}")
    if error.errno == errno.ENOENT:
        return CannotRun("missing", f"{error.filename or program}: no such file")
    if error.errno == errno.EACCES:
        return CannotRun("permission", f"{error.filename or program}: permission denied")
    return CannotRun("system", f"{program}: {error.strerror}")
