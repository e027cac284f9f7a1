"""Alerts under test: real programs, a real spool, a fake server; the delays of the wrapper made short."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alertwrap.host import Setup, Threads, hosting
from alertwrap.log import Log
from alertwrap.manifest import read_manifest
from alertwrap.run.timing import Ladder, Policy, Timing
from alertwrap.spool.spool import Spool
from alertwrap.wrapper import Wrapper
from tests import fork_server
from tests.alertwrap.scene import Scene, end_alerts_of
from tests.fakes.server import TOKEN, FakeServer, fake_server

ROOT = Path(__file__).parent.parent.parent
PROGRAMS = ROOT / "tests" / "programs"
#: Quick enough for tests, slow enough to keep the order of steps.
QUICK = Timing(
    policy=Policy(first_backoff=0.05, longest_backoff=0.2, loop_retry=0.2, try_again=0.2, completed_gap=0.05),
    ladder=Ladder(flush=0.2, eof=1.0, eof_unread=0.3, term=1.0, kill=5.0),
    first_configs=2.0, config_unread=0.4, config_debounce=0.1, config_gap=0.3, look_at_program=0.1,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _what_a_test_looks_into_is_closed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The spools that a test opens itself. What the product opens, it has to close by itself."""
    opened: list[Spool] = []

    class Opened(Spool):
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            opened.append(self)

    if hasattr(request.module, "Spool"):
        monkeypatch.setattr(request.module, "Spool", Opened)
    yield
    for spool in opened:
        spool.close()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with fake_server() as running:
        yield running


@dataclass
class Running:
    """One wrapper inside the test process."""

    wrapper: Wrapper
    log: io.StringIO
    failed: threading.Event
    data: Path

    def logged(self, text: str) -> bool:
        return text in self.log.getvalue()


Write = Callable[..., Path]
SceneOf = Callable[[Path], Scene]
Run = Callable[..., contextlib.AbstractContextManager[Running]]


@pytest.fixture
def write_alert(tmp_path: Path) -> Write:
    """Write an alert's TOML; `command` may be a test program's name with arguments."""

    def write(command: list[str], name: str = "probe", **keys: Any) -> Path:
        program = PROGRAMS / command[0]
        words = [str(program), *command[1:]] if program.exists() else command
        lines = [f"name = {_toml(name)}", f"command = {_toml(words)}"]
        lines += [f"{key} = {_toml(value)}" for key, value in keys.items()]
        file = tmp_path / f"{name}.toml"
        file.write_text("\n".join(lines) + "\n")
        return file

    return write


@pytest.fixture
def running(server: FakeServer, tmp_path: Path) -> Run:
    """Run an alert in this process, with quick timing, inside a block."""

    @contextlib.contextmanager
    def run(file: Path, timing: Timing = QUICK, **environ: str) -> Iterator[Running]:
        out = io.StringIO()
        log = Log(as_json=False, level="debug", out=out)
        failed = threading.Event()
        setup = Setup(server.url, TOKEN, tmp_path / "data")
        threads = Threads(log, failed, threading.Event())
        surroundings = {**os.environ, **environ}
        with hosting([read_manifest(file)], setup, log, threads, timing=timing, environ=surroundings) as wrappers:
            yield Running(wrappers[0], out, failed, setup.data)
        assert not failed.is_set(), out.getvalue()

    return run


@dataclass
class Process:
    """`alertwrap run` as a process of its own."""

    popen: fork_server.Process
    errors: Path

    def wait(self, deadline: float = 40.0) -> int:
        return self.popen.wait(deadline)

    def logged(self) -> str:
        return self.errors.read_text()


@pytest.fixture
def start(server: FakeServer, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start `alertwrap run FILES`; what still runs at the end is killed, and so are its alerts."""
    started: list[Process] = []

    def run(*files: Path, environ: dict[str, str] | None = None, url: str | None = None) -> Process:
        errors = tmp_path / f"stderr-{len(started)}"
        base = {**(environ or os.environ), "ALERTWRAP_SERVER": url or server.url, "ALERTWRAP_TOKEN": TOKEN}
        words = ["run", "--data", str(tmp_path / "data"), *map(str, files)]
        started.append(Process(fork_server.start("alertwrap", words, base, errors), errors))
        return started[-1]

    yield run
    for process in started:
        if process.popen.poll() is None:
            process.popen.kill()
        process.popen.wait()
    end_alerts_of(tmp_path / "data")


@pytest.fixture
def scene(server: FakeServer, tmp_path: Path) -> Iterator[SceneOf]:
    """A stage for the alert of this file."""
    made: list[Scene] = []

    def make(manifest: Path) -> Scene:
        made.append(Scene(server, tmp_path, manifest))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'
