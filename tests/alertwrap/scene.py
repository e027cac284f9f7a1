"""A stage for real wrapper processes in a hurry: start them, break their laws, see whom they leave, count the lost."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from alertwrap.hosted import place_of
from alertwrap.spool.spool import Spool
from tests import fork_server
from tests.fakes.server import FakeServer

ROOT = Path(__file__).parent.parent.parent
#: Far beyond the whole ladder, the delivery and a busy machine.
DEADLINE = 40.0


@dataclass
class Scene:
    """One wrapper on one directory, and what stands around it."""

    server: FakeServer
    directory: Path
    manifest: Path
    started: list[fork_server.Process] = field(default_factory=list)
    stage: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def close(self) -> None:
        """Nobody is left; what the stage was set with is put away."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
        end_alerts_of(self.data)  # who was left behind by a wrapper that is broken on purpose
        self.stage.close()

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def ledger(self) -> Path:
        return self.directory / "ledger"

    def start(self, *broken: str, url: str | None = None) -> fork_server.Process:
        words = [str(word) for word in (url or self.server.url, self.data, self.ledger, self.manifest, *broken)]
        log = self.directory / "log"
        self.started.append(fork_server.start("tests.alertwrap.brisk", words, os.environ, log))
        return self.started[-1]

    def log(self) -> list[dict[str, Any]]:
        lines = (self.directory / "log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def logged(self, text: str) -> bool:
        return text in (self.directory / "log").read_text()

    def titles(self) -> list[str]:
        return [notice.get("title", "") for notice in self.server.of("probe")]

    def pid(self) -> int:
        return int([one["pid"] for one in self.log() if one["event"] == "the alert has started"][-1])

    def left(self) -> list[str]:
        """The command lines of those who are still there."""
        found = []
        for pid in alerts_of(self.data):
            with contextlib.suppress(OSError):
                found.append(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def small_disk(self, size: str = "1m") -> None:
        """From now on the data is on a disk of this size; skips where that takes more rights than we have."""
        self.data.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.data)]
        if subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("mounting a small disk takes more rights than we have")
        self.stage.callback(subprocess.run, ["umount", "-l", self.data], check=True)

    def larger_disk(self, size: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", self.data], check=True)


def alerts_of(data: Path) -> Iterator[int]:
    """The processes that alerts on this data directory have started, told by the environment that they inherited."""
    mark = f"ALERT_STATE_DIR={data}/".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes():
                yield int(entry.name)


def end_alerts_of(data: Path) -> None:
    """Nobody of them is left: a wrapper that was killed could not end those who ignore its end."""
    for pid in alerts_of(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def lost(scene: Scene, broken: tuple[str, ...]) -> list[str]:
    """What was accepted, and has not arrived after the next start."""
    server, accepted = scene.server, set(scene.ledger.read_text().split()) if scene.ledger.exists() else set()
    server.script.clear()
    if not accepted <= server.notices.keys():
        scene.manifest.write_text('name = "probe"\ncommand = ["true"]\n')
        process = scene.start(*broken)
        with contextlib.suppress(AssertionError):
            server.wait(lambda: accepted <= server.notices.keys() | dead(scene), deadline=5 if broken else 30)
        process.terminate()
        process.wait(DEADLINE)
    return [f"lost: {name}" for name in sorted(accepted - server.notices.keys() - dead(scene))]


def dead(scene: Scene) -> set[str]:
    spool = Spool(place_of("probe", scene.data).spool)
    found = {str(name) for _, name, _ in spool.dead()}
    spool.close()
    return found
