"""Starts our programs hundreds of times and imports them once: a process that has it all loaded forks for whoever asks.

What it starts is a process as any other, with an environment, files and signals of its own, that can be killed. Orders
and answers are lines of JSON on a socket pair.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

import service_kit.faults
from tests.faults.harness import SITE

ROOT = Path(__file__).parents[1]
#: What takes the time. Our own process needs none of it.
_LOADED = ("alertwrap.cli.run", "alertwrap.cli.up", "alembic.command", "psycopg", "pydantic.v1")


def start(module: str, words: Sequence[str], environment: Mapping[str, str], log: Path) -> Process:
    """`python -m MODULE WORDS`, whose output is added to `log`. What breaks a module imports it anew."""
    places = environment.get("PYTHONPATH", "").split(os.pathsep)
    if "FAULT_VARIANT" not in environment and {"", str(SITE), str(ROOT)}.issuperset(places):
        return _server().start(module, words, environment, log)
    command = [sys.executable, "-m", module, *words]
    with log.open("ab") as output:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=ROOT
        )  # fmt: skip


async def exit_of(process: Process, deadline: float = 60.0) -> int:
    """Its exit code, once it has ended. Raises TimeoutError."""
    async with asyncio.timeout(deadline):
        while (code := process.poll()) is None:
            await asyncio.sleep(0.01)
        return code


@functools.cache
def _server() -> ForkServer:
    """One for each test process."""
    return ForkServer()


class Forked:
    """What was started, with the methods of a `Popen`."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self._server = server
        self._code: int | None = None
        self.pid = pid

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._server.ask({"poll": self.pid})
        return self._code

    @property
    def returncode(self) -> int | None:
        """As far as somebody has asked."""
        return self._code

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # until it is asked for, its number is not given to another
            os.kill(self.pid, number)

    def wait(self, timeout: float = 60.0) -> int:
        """Raises TimeoutExpired."""
        last = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > last:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(0.01)
        return code


Process = Forked | subprocess.Popen[bytes]


class ForkServer:
    """One for a test process, started when it is needed; what it started ends with it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())]
        self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()
        self._line = ours.makefile("rw")
        ours.close()
        atexit.register(self.close)

    def start(self, module: str, words: Sequence[str], environment: Mapping[str, str], log: Path) -> Forked:
        log.touch()
        order = {"start": module, "words": list(words), "environment": dict(environment), "log": str(log)}
        return Forked(self, self.ask(order))

    def ask(self, order: Mapping[str, Any]) -> Any:
        print(json.dumps(order), file=self._line, flush=True)
        return json.loads(self._line.readline())

    def close(self) -> None:
        self._line.close()
        self._process.wait(60)


def obey(line: TextIO) -> dict[str, Any] | None:
    """Do as told until the other side is gone; in a process that was forked, answers what it was started for."""
    children: set[int] = set()
    for text in line:
        order = json.loads(text)
        if "poll" in order:
            answer = _code(order["poll"])
            if answer is not None:
                children.remove(order["poll"])
        else:
            answer = os.fork()
            if answer == 0:
                return dict(order)
            children.add(answer)
        print(json.dumps(answer), file=line, flush=True)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    return None


def _code(pid: int) -> int | None:
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None


def become(order: Mapping[str, Any]) -> None:
    """What a shell would do before it executes a program."""
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = [order["start"], *order["words"]]
    if "FAULT_POINT" in os.environ:
        _fall_in()


def _fall_in() -> None:
    """What the harness does to a Python that starts with it: here everything has the honest point already."""
    honest = service_kit.faults.faultpoint
    runpy.run_path(str(SITE / "sitecustomize.py"))
    for module in list(sys.modules.values()):
        if getattr(module, "faultpoint", None) is honest:
            module.faultpoint = service_kit.faults.faultpoint  # type: ignore[attr-defined]


def main() -> None:
    for module in _LOADED:
        import_module(module)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])).makefile("rw") as line:
        order = obey(line)
    if order:
        become(order)
        runpy.run_module(order["start"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
