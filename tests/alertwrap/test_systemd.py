"""The unit of docs/systemd is one that systemd takes, and the wrapper says what it promises there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alertwrap.host import LADDER_SECONDS
from alertwrap.service_manager import ServiceManager
from tests.alertwrap.conftest import ROOT, Process, Write
from tests.conftest import missing
from tests.fakes.server import FakeServer

UNIT = ROOT / "docs" / "systemd" / "alertwrap@.service"


def settings() -> dict[str, str]:
    lines = [line for line in UNIT.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def verify(unit: Path) -> str:
    """What systemd has to say of it; nothing is good."""
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze")
    result = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    return (result.stdout + result.stderr).strip()


def test_systemd_has_nothing_to_say_against_the_unit() -> None:
    assert verify(UNIT) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("KillMode=mixed", "KillMode=mixt"), ("WatchdogSec=", "Watchdogs="), ("ExecStart=/usr/bin/env", "ExecStart=env-"),
     ("Type=notify", "Type=notified")],
    ids=["value", "key", "program", "type"],
)  # fmt: skip
def test_a_mistake_in_it_would_be_told(tmp_path: Path, right: str, wrong: str) -> None:
    assert right in UNIT.read_text()
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace(right, wrong))
    assert verify(unit)


def test_systemd_waits_longer_for_the_end_than_the_end_takes() -> None:
    assert int(settings()["TimeoutStopSec"]) > LADDER_SECONDS + 10
    assert settings()["RestartPreventExitStatus"] == "78"


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket on which systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(40)
        yield listening


def test_it_says_that_it_is_ready_that_it_lives_and_that_it_ends(
    server: FakeServer, start: Callable[..., Process], write_alert: Write, manager: socket.socket
) -> None:
    assert settings()["Type"] == "notify"
    environ = {**os.environ, "NOTIFY_SOCKET": str(manager.getsockname())}
    process = start(write_alert(["bash", "-c", "env >&2; exec sleep 60"], stdin="none"), environ=environ)
    assert manager.recv(1000) == b"READY=1"
    for _ in range(2):
        assert manager.recv(1000) == b"WATCHDOG=1\nSTATUS=1 alerts"
    process.popen.terminate()
    while (word := manager.recv(1000)) != b"STOPPING=1":
        assert word.startswith(b"WATCHDOG=1")
    assert process.wait() == 0
    assert "ALERT_RUN_ID" in process.logged()
    assert "NOTIFY_SOCKET" not in process.logged(), "an alert has nothing to say to systemd"


def test_a_name_without_a_file_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"alertwrap-test-{os.getpid()}"
        listening.bind("\0" + name)
        listening.settimeout(40)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).ready()
        assert listening.recv(100) == b"READY=1"


def test_without_systemd_and_when_nobody_listens_it_says_nothing(tmp_path: Path) -> None:
    ServiceManager({}).ready()
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).alive(3)
