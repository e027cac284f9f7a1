"""Alerts at their worst, as real processes: whatever they do, the wrapper lives, tells, and loses nothing."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

import wire.times
from alertwrap.hosted import place_of
from alertwrap.run.pause import Pause
from alertwrap.run.timing import Policy
from alertwrap.spool.spool import Spool
from tests.alertwrap.conftest import QUICK, Process, Run, Write
from tests.alertwrap.said import operational, titles
from tests.fakes.server import FakeServer

Start = Callable[..., Process]


def test_a_hundred_thousand_nested_brackets_are_one_malformed_line(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    script = "head -c 100000 /dev/zero | tr '\\0' '['; echo; echo '{\"title\":\"after\"}'"
    with running(write_alert(["bash", "-c", script], stdin="none")):
        server.wait(lambda: "after" in titles(server))
        assert "levels of nesting" in server.of("probe")[0]["message"]


def test_a_stopped_alert_is_ended_all_the_same(server: FakeServer, running: Run, write_alert: Write) -> None:
    with running(write_alert(["hang.sh"])) as alert:
        server.wait(lambda: titles(server))
        assert alert.wrapper.pid is not None
        os.kill(alert.wrapper.pid, signal.SIGSTOP)
        pid = alert.wrapper.pid
    assert not _alive(pid)


def test_who_escapes_into_a_session_of_its_own_is_ended_with_the_wrapper(
    server: FakeServer, start: Start, write_alert: Write
) -> None:
    script = "setsid sleep 300 & echo '{\"title\":\"'$!'\"}'; exec sleep 300"
    process = start(write_alert(["bash", "-c", script], stdin="none"))
    server.wait(lambda: titles(server))
    escaped = int(titles(server)[0])
    process.popen.terminate()
    assert process.wait() == 0
    server.wait(lambda: not _alive(escaped))


def test_a_number_that_now_belongs_to_somebody_else_is_left_alone(
    server: FakeServer, start: Start, write_alert: Write, tmp_path: Path
) -> None:
    """What proves that an earlier run is alive is a lock, not a number in a file."""
    place = place_of("probe", tmp_path / "data")
    place.alive.parent.mkdir(parents=True)
    with subprocess.Popen(["sleep", "300"]) as stranger:
        for file in (place.alive, place.lock):
            file.write_text(str(stranger.pid))
        process = start(write_alert(["hang.sh"]))
        server.wait(lambda: titles(server))
        assert stranger.poll() is None
        assert "still alive" not in process.logged()
        stranger.kill()


def test_exit_0_at_once_is_exactly_one_run(
    server: FakeServer, running: Run, write_alert: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    sleep = Pause._sleep

    def looking(pause: Pause, now: float, *until: float | None) -> None:
        looks.append(pause._standing.situation.state)
        sleep(pause, now, *until)

    monkeypatch.setattr(Pause, "_sleep", looking)
    with running(write_alert(["bash", "-c", "exit 0"], stdin="none")) as alert:
        server.wait(lambda: alert.wrapper.situation.state == "COMPLETED")
        server.put("recipient", "u1", {"id": "u1"})
        server.put_config("c1", "another")
        alert.wrapper._waker.wake()
        known = len(looks)
        server.wait(lambda: looks[known:].count("COMPLETED") >= 8)  # the gap between two runs is over by half of them
        assert alert.wrapper.report.starts == 1
        assert operational(server, "crash_loop") == []


def test_a_crash_loop_for_an_hour_never_gives_up_and_is_told_once(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    """Every delay of the policy divided by 200. How many starts that makes in an hour, `test_supervision` counts."""
    real, speed = Policy(), 200.0
    quick = {field.name: getattr(real, field.name) / speed for field in dataclasses.fields(Policy)
             if field.name != "loop_crashes"}  # fmt: skip
    timing = dataclasses.replace(QUICK, policy=Policy(**quick), first_configs=0.1)
    with running(write_alert(["bash", "-c", "exit 3"], stdin="none"), timing=timing) as alert:
        server.wait(lambda: alert.wrapper.report.starts >= 12, deadline=120)
        server.wait(lambda: alert.wrapper.pid is None)
        assert alert.wrapper.situation.state == "CRASH_LOOP"
    assert len(operational(server, "crash_loop")) == 1


def test_half_a_line_at_the_crash_is_kept_and_told(server: FakeServer, running: Run, write_alert: Write) -> None:
    script = 'printf \'{"title":"whole"}\\n{"title":"half\'; kill -9 $$'
    timing = dataclasses.replace(QUICK, policy=dataclasses.replace(QUICK.policy, first_backoff=60, longest_backoff=60))
    with running(write_alert(["bash", "-c", script], stdin="none"), timing=timing) as alert:
        server.wait(lambda: len(server.of("probe")) == 2)
        assert titles(server)[0] == "whole"
        assert '{"title":"half' in server.of("probe")[1]["message"]
        assert Spool(place_of("probe", alert.data).spool).dead()[0][2] == '{"title":"half'


def test_a_jump_of_the_wall_clock_changes_nothing(
    server: FakeServer, running: Run, write_alert: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that waits goes by the other clock; ids keep growing even when the wall clock goes back by a day."""
    script = "while read -r l; do jq -c '{title:.type}' <<<$l; done"
    honest, real = time.time, wire.times.utc_now
    with running(write_alert(["bash", "-c", script], tick="1s", watch=["vm"])) as alert:
        server.wait(lambda: "tick" in titles(server))
        for days in (30, -30):
            monkeypatch.setattr(time, "time", lambda days=days: honest() + days * 86400)
            monkeypatch.setattr(time, "time_ns", lambda days=days: int((honest() + days * 86400) * 1e9))
            monkeypatch.setattr("alertwrap.run.one_run.utc_now", lambda days=days: real() + timedelta(days=days))
            ticks = titles(server).count("tick")
            server.wait(lambda ticks=ticks: titles(server).count("tick") > ticks + 1)  # type: ignore[misc]
        assert titles(server).count("tick") < 30
        assert alert.wrapper.report.starts == 1
        with server.lock:
            ids = [name for name in server.order if server.notices[name]["alert"] == "probe"]
        assert ids == sorted(ids)
        monkeypatch.undo()


def test_a_flapping_config_restarts_an_alert_that_reads_once_only_so_often(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    script = "read -r l; jq -c '{title:(.configs[0].revision|tostring)}' <<<$l; sleep 60"
    server.put_config("c1", "probe", x=0)
    timing = dataclasses.replace(QUICK, config_debounce=0.1, config_gap=1.0, config_unread=0.1)
    with running(write_alert(["bash", "-c", script]), timing=timing) as alert:
        server.wait(lambda: titles(server) == ["1"])
        began, revision = time.monotonic(), 1
        while alert.wrapper.report.starts < 4:
            revision += 1
            server.put_config("c1", "probe", revision=revision, x=revision)
            server.wait(lambda: alert.wrapper.world.configs[0]["revision"] == revision)  # noqa: B023
        server.wait(lambda: titles(server)[-1] == str(revision))
        assert revision > 4, "many changes for each start"
        assert alert.wrapper.report.starts <= 3 + (time.monotonic() - began) / timing.config_gap


def _alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
