"""The alert as a process: start it by the rules, signal its group, find what it left behind.

The truth of an exit is the process, never the end of a pipe: a grandchild can hold the pipe for ever. And a process is
never killed by its number alone: what must die holds the lock that the alert inherited.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import termios
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from alertwrap.limits import limit, limited
from alertwrap.manifest import Manifest

#: What an alert inherits; everything else it must ask for with `env`.
PASSED = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE")
#: What makes programs print at once, in UTF-8, with a point in numbers.
ALWAYS = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "LC_NUMERIC": "C"}

Failure = Literal["missing", "permission", "interpreter", "format", "system"]


class CannotRun(Exception):
    """The program cannot be started. `failure` says which of its parts is at fault."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure


class StillAlive(Exception):
    """Another process holds the lock."""


@dataclass
class Child:
    """A running alert. Our ends of the pipes do not block; `stdin` is None when it gets none, or when it is closed."""

    process: subprocess.Popen[bytes]
    stdin: int | None
    stdout: int
    stderr: int
    pidfd: int | None

    @property
    def pid(self) -> int:
        return self.process.pid

    def exit_code(self) -> int | None:
        """As a shell says it, with signals as negative numbers; None while it runs."""
        return self.process.poll()

    def unread(self) -> int:
        """Bytes in the stdin pipe that the alert has not read."""
        if self.stdin is None:
            return 0
        count = array("i", [0])
        with contextlib.suppress(OSError):
            fcntl.ioctl(self.stdin, termios.FIONREAD, count)
        return count[0]

    def close_stdin(self) -> None:
        """EOF: the polite stop."""
        if self.stdin is not None:
            os.close(self.stdin)
            self.stdin = None

    def signal_group(self, *signals: signal.Signals) -> None:
        """To the alert and what it started in its session."""
        for number in signals:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def close(self) -> None:
        """Give back the pidfd and stdin; the watcher closes what it reads."""
        self.close_stdin()
        if self.pidfd is not None:
            os.close(self.pidfd)
            self.pidfd = None


def spawn(manifest: Manifest, environment: Mapping[str, str], alive_lock: Path) -> Child:
    """Start the alert in a session of its own. Raises CannotRun, or StillAlive when an earlier one lives."""
    command = _dying_with_us(limited(_command(manifest, environment), manifest.limits))
    lock = take_lock(alive_lock)
    try:
        process = subprocess.Popen(
            command, cwd=manifest.directory, env=dict(environment), bufsize=0, close_fds=True, pass_fds=(lock,),
            stdin=subprocess.DEVNULL if manifest.stdin == "none" else subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise _explained(error, command[0]) from error
    finally:
        os.close(lock)  # the alert and its children hold it now, and nobody else
    limit(process.pid, manifest.limits)
    assert process.stdout is not None
    assert process.stderr is not None
    ends = [None if pipe is None else _own(pipe.fileno()) for pipe in (process.stdin, process.stdout, process.stderr)]
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    stdin, stdout, stderr = ends
    assert stdout is not None
    assert stderr is not None
    return Child(process, stdin, stdout, stderr, _pidfd(process.pid))


def environment(manifest: Manifest, environ: Mapping[str, str], run: str, state_dir: Path) -> dict[str, str]:
    """What the alert gets to see: an allow-list, never our token."""
    names = [*PASSED, *manifest.env]
    passed = {name: environ[name] for name in names if name in environ and not name.startswith("ALERTWRAP_TOKEN")}
    ours = {"ALERT_NAME": manifest.name, "ALERT_RUN_ID": run, "ALERT_STATE_DIR": str(state_dir)}
    return {**passed, **ALWAYS, **ours}


def take_lock(file: Path) -> int:
    """An exclusive lock for as long as the returned descriptor, or a copy of it, is open. Raises StillAlive."""
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise StillAlive(str(file)) from None
    return lock


def kill_holders(file: Path, number: signal.Signals = signal.SIGKILL) -> int:
    """Signal every process that has this lock file open; returns how many. Needs /proc; elsewhere finds none."""
    if not file.exists() or _is_free(file):
        return 0
    wanted = os.stat(file)
    killed = 0
    for name in os.listdir("/proc") if Path("/proc/self/fd").exists() else ():
        if name.isdigit() and int(name) != os.getpid() and _holds(name, wanted):
            killed += _kill_surely(int(name), wanted, number)
    return killed


def _is_free(file: Path) -> bool:
    """Whether nobody holds it: much cheaper to ask than to look through every process of the machine."""
    try:
        os.close(take_lock(file))
    except StillAlive:
        return False
    return True


def _kill_surely(pid: int, wanted: os.stat_result, number: signal.Signals) -> bool:
    """Through a pidfd, and only if it still holds the lock: the number may have gone to another by now."""
    handle = _pidfd(pid)
    if handle is None:
        return False
    try:
        if _holds(str(pid), wanted):
            signal.pidfd_send_signal(handle, number)
            return True
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)
    return False


def _holds(pid: str, wanted: os.stat_result) -> bool:
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                found = os.stat(f"/proc/{pid}/fd/{name}")
                if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
                    return True
    return False


def _pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (OSError, AttributeError):
        return None


def ready(descriptor: int, wanted: int, seconds: float) -> bool:
    """Whether this poll event came within `seconds`. Not select(): that knows no descriptor above 1023."""
    waiting = select.poll()
    waiting.register(descriptor, wanted)
    return bool(waiting.poll(max(seconds, 0) * 1000))


def wait_exit(child: Child, seconds: float) -> bool:
    """Whether the alert has ended within `seconds`."""
    if child.pidfd is not None:
        ready(child.pidfd, select.POLLIN, seconds)
        return child.exit_code() is not None
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.process.wait(seconds)
    return child.exit_code() is not None


def _own(fd: int) -> int:
    """Our end of a pipe, apart from the file object that subprocess made, and not blocking."""
    copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.set_blocking(copy, False)
    return copy


def _command(manifest: Manifest, environment: Mapping[str, str]) -> list[str]:
    """The command with its program found and looked at. Raises CannotRun saying what is wrong with it."""
    word, *arguments = manifest.command
    program = str(manifest.program) if manifest.program else _in_path(word, manifest.directory, environment)
    if not os.path.exists(program):
        raise CannotRun("missing", f"{program}: no such program")
    if os.path.isdir(program):
        raise CannotRun("missing", f"{program}: is a directory")
    if not os.access(program, os.X_OK):
        raise CannotRun("permission", f"{program}: not executable; chmod +x makes it so")
    _check_interpreter(program, environment)
    buffered = ["stdbuf", "-oL"] if manifest.line_buffer and shutil.which("stdbuf") else []
    return [*buffered, program, *arguments]


def _in_path(word: str, directory: Path, environment: Mapping[str, str]) -> str:
    found = shutil.which(word, path=environment.get("PATH"))
    if found:
        return found
    hint = f'; the file beside the alert is called "./{word}"' if (directory / word).exists() else ""
    raise CannotRun("missing", f"{word}: no such program in PATH{hint}")


def _check_interpreter(program: str, environment: Mapping[str, str]) -> None:
    with contextlib.suppress(OSError), open(program, "rb") as file:
        first = file.readline(256)
        if not first.startswith(b"#!"):
            return
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


def _dying_with_us(command: list[str]) -> list[str]:
    """Linux ends the alert when the wrapper is killed. setpriv asks for it and becomes the alert: same process."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [setpriv, "--pdeathsig", "TERM", "--", *command] if setpriv else command


def _explained(error: OSError, program: str) -> CannotRun:
    if error.errno == errno.ENOEXEC:
        return CannotRun("format", f"{program}: neither a program of this machine's kind nor a script with #!")
    if error.errno == errno.ENOENT:
        return CannotRun("missing", f"{error.filename or program}: no such file")
    if error.errno == errno.EACCES:
        return CannotRun("permission", f"{error.filename or program}: permission denied")
    return CannotRun("system", f"{program}: {error.strerror}")
