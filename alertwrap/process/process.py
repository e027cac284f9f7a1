"""The alert as a process: start it by the rules, signal its group, find what it left behind.

The truth of an exit is the process, never the end of a pipe: a grandchild can hold the pipe for ever. And a process is
never killed by its number alone: what must die holds the lock that the alert inherited.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import termios
import threading
import time
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alertwrap.manifest import Manifest
from alertwrap.process.limits import limit, limited
from alertwrap.process.program import command_of, dying_with_us, explained

#: What an alert inherits; everything else it must ask for with `env`.
PASSED = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE")
#: What makes programs print at once, in UTF-8, with a point in numbers.
ALWAYS = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "LC_NUMERIC": "C"}

#: A process that another thread forks meanwhile has a copy of every lock until it executes its program: the lock of one
#: alert would seem to be held, by another alert. So no alert is started while a lock is looked at.
_FORKING = threading.Lock()

#: A lock is given back without a word, and so ends a process where there is no pidfd: one has to look.
_LOOK_SECONDS = 0.02


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
        """As a shell says it, with signals as negative numbers; None while it runs.

        Once it is known, the number of the process, and of its group, may become another's.
        """
        return self.process.poll()

    def ended(self) -> bool:
        """Whether it has; its number stays its own until somebody asks for the exit code."""
        return self.process.returncode is not None or is_dead(self.pid)

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
        """To the alert and what it started in its session; to nobody once its number has been given back."""
        for number in signals if self.process.returncode is None else ():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def close(self) -> None:
        """Give back the number, the pidfd and stdin; the watcher closes what it reads."""
        self.exit_code()
        self.close_stdin()
        if self.pidfd is not None:
            os.close(self.pidfd)
            self.pidfd = None


def spawn(manifest: Manifest, environment: Mapping[str, str], alive_lock: Path) -> Child:
    """Start the alert in a session of its own. Raises CannotRun, or StillAlive when an earlier one lives."""
    process = _fork(manifest, environment, alive_lock)
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


def _fork(manifest: Manifest, environment: Mapping[str, str], alive_lock: Path) -> subprocess.Popen[bytes]:
    command = dying_with_us(limited(command_of(manifest, environment), manifest.limits))
    with _FORKING:
        lock = take_lock(alive_lock)
        try:
            return subprocess.Popen(
                command, cwd=manifest.directory, env=dict(environment), bufsize=0, close_fds=True, pass_fds=(lock,),
                stdin=subprocess.DEVNULL if manifest.stdin == "none" else subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise explained(error, command[0]) from error
        finally:
            os.close(lock)  # the alert and its children hold it now, and nobody else


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


def wait_free(file: Path, seconds: float) -> bool:
    """Whether nobody holds this lock any more within `seconds`."""
    until = time.monotonic() + seconds
    while not is_free(file):
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def kill_holders(file: Path, number: signal.Signals = signal.SIGKILL) -> int:
    """Signal every process that has this lock file open; returns how many. Needs /proc; elsewhere finds none."""
    if not file.exists() or is_free(file):
        return 0
    wanted = os.stat(file)
    killed = 0
    for name in os.listdir("/proc") if Path("/proc/self/fd").exists() else ():
        if name.isdigit() and int(name) != os.getpid() and _holds(name, wanted):
            killed += _kill_surely(int(name), wanted, number)
    return killed


def is_free(file: Path) -> bool:
    """Whether nobody holds it: much cheaper to ask than to look through every process of the machine."""
    with _FORKING:
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
        return ready(child.pidfd, select.POLLIN, seconds) or child.ended()
    until = time.monotonic() + seconds
    while not child.ended() and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    return child.ended()


def is_dead(pid: int) -> bool:
    """Whether this child has ended; it keeps its number until somebody asks for its exit code."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def _own(fd: int) -> int:
    """Our end of a pipe, apart from the file object that subprocess made, and not blocking."""
    copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.set_blocking(copy, False)
    return copy
