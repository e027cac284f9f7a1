"""From one run of an alert to the next: why it is started, what is told of it, and what is left of it."""

from __future__ import annotations

import dataclasses
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from alertwrap.kit.session import session
from alertwrap.kit.subject import load
from alertwrap.manifest import Manifest
from alertwrap.process import process
from alertwrap.process.process import spawn, wait_exit
from alertwrap.run.timing import Policy
from tests.alertwrap.conftest import QUICK, Run, Write
from tests.alertwrap.said import operational, titles
from tests.fakes.server import FakeServer

SAYS_WHY = "read -r l; jq -c '{title:.run.reason}' <<<$l"


def test_while_it_is_being_ended_it_is_stopping(server: FakeServer, running: Run, write_alert: Write) -> None:
    seen: list[str] = []
    with running(write_alert(["hang.sh"])) as alert:
        server.wait(lambda: titles(server))
        pid = alert.wrapper.pid
        assert pid is not None
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(0.005):
                if Path(f"/proc/{pid}").exists():
                    seen.append(alert.wrapper.situation.state)

        looking = threading.Thread(target=look)
        looking.start()
    ended.set()
    looking.join()
    assert "STOPPING" in seen
    assert alert.wrapper.situation.state == "STOPPED"


def test_what_has_completed_runs_again_for_an_entity_that_it_watches(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.put("vm", "a", {"n": 1})
    with running(write_alert(["bash", "-c", SAYS_WHY], watch=["vm"])) as alert:
        server.wait(lambda: alert.wrapper.situation.state == "COMPLETED")
        server.wait(lambda: titles(server) == ["first"])
        server.put("disk", "b", {"n": 1})
        server.put("vm", "a", {"n": 2})
        server.wait(lambda: titles(server) == ["first", "entity"])


def test_who_is_being_tried_is_told_so(write_alert: Write) -> None:
    with session(load(write_alert(["bash", "-c", "read -r l; jq -c '{title:(.dry_run|tostring)}' <<<$l"]))) as run:
        assert run.wait(run.arrived, 15)
        assert [notice["title"] for notice in run.arrived()] == ["true"]


def test_what_is_held_starts_when_its_program_changes(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    program = tmp_path / "program.sh"
    program.write_text("#!/bin/sh\nexit 78\n")
    program.chmod(0o755)
    with running(write_alert(["./program.sh"])) as alert:
        server.wait(lambda: operational(server, "held"))
        assert alert.wrapper.situation.state == "HELD"
        draft = tmp_path / "draft"
        draft.write_text(f"#!/usr/bin/env bash\n{SAYS_WHY}\n")
        draft.chmod(0o755)
        draft.rename(program)
        server.wait(lambda: titles(server) == ["deploy"])
        server.wait(lambda: operational(server, "recovered"))


def test_what_was_deployed_while_it_ran_is_started_too(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    program, draft = tmp_path / "program.sh", tmp_path / "draft"
    program.write_text("#!/bin/sh\ntouch runs; until [ -e go ]; do sleep 0.01; done; exit 78\n")
    draft.write_text(f"#!/usr/bin/env bash\n{SAYS_WHY}\n")
    for file in (program, draft):
        file.chmod(0o755)
    os.utime(program, (1, 1))
    with running(write_alert(["./program.sh"])):
        server.wait((tmp_path / "runs").exists)
        draft.rename(program)
        (tmp_path / "go").touch()
        server.wait(lambda: titles(server) == ["deploy"])


def test_why_it_is_started_is_told(server: FakeServer, running: Run, write_alert: Write) -> None:
    script = f"{SAYS_WHY}; n=$(cat n 2>/dev/null || echo 0); echo $((n+1)) >n; exit $((n == 0 ? 1 : n == 1 ? 75 : 0))"
    with running(write_alert(["bash", "-c", script])) as alert:
        server.wait(lambda: alert.wrapper.situation.state == "COMPLETED")
        server.wait(lambda: titles(server) == ["first", "crash", "schedule"])
        alert.wrapper.restart()
        server.wait(lambda: titles(server)[3:] == ["operator"])


@pytest.mark.parametrize("script", ["exit 78", "exit 3"], ids=["held", "crash loop"])
def test_what_was_told_before_the_wrapper_ended_is_taken_back_by_the_next(
    server: FakeServer, running: Run, write_alert: Write, script: str
) -> None:
    timing = dataclasses.replace(QUICK, policy=Policy(first_backoff=0.01, longest_backoff=0.02, loop_retry=60))
    with running(write_alert(["bash", "-c", script], stdin="none"), timing=timing):
        server.wait(lambda: server.of("alertwrap"))
    with running(write_alert(["bash", "-c", "exit 0"], stdin="none"), timing=timing):
        server.wait(lambda: operational(server, "recovered"))
    (told, taken_back) = server.of("alertwrap")
    assert told["key"] == taken_back["key"]
    assert taken_back["status"] == "resolved"


def test_a_program_of_another_machine_is_told_as_such(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    program = tmp_path / "program"
    header = bytearray(Path("/proc/self/exe").read_bytes()[:64])
    header[18:20] = b"\xf7\x00"  # e_machine: one that nobody here has
    program.write_bytes(bytes(header) + b"\0" * 1000)
    program.chmod(0o755)
    with running(write_alert(["./program"])):
        server.wait(lambda: operational(server, "alert_down"))
        assert "machines of another kind" in operational(server, "alert_down")[0]["message"]


Sent = list[tuple[int, int]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Every signal that was sent to a group."""
    found: Sent = []
    honest = os.killpg

    def killpg(group: int, number: int) -> None:
        found.append((group, number))
        honest(group, number)

    monkeypatch.setattr(process.os, "killpg", killpg)
    return found


def test_a_group_is_signalled_only_while_its_number_is_its_own(tmp_path: Path, sent: Sent) -> None:
    manifest = Manifest(name="a", command=("bash", "-c", "sleep 300 & echo $!"), directory=tmp_path, stdin="none")
    child = spawn(manifest, {"PATH": os.environ["PATH"]}, tmp_path / "alive")
    assert wait_exit(child, 10)
    left = int(os.read(child.stdout, 100))
    child.signal_group(signal.SIGKILL)
    assert sent == [(child.pid, signal.SIGKILL)]
    _until(lambda: not _alive(left))
    assert child.exit_code() == 0
    child.signal_group(signal.SIGKILL)
    assert len(sent) == 1, "by now the number may be another's"
    child.close()
    for fd in (child.stdout, child.stderr):
        os.close(fd)


def _until(condition: Callable[[], object]) -> None:
    over = threading.Event()
    for _ in range(1000):
        if condition():
            return
        over.wait(0.01)
    raise AssertionError("not in 10 s")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
