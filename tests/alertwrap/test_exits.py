"""How a run ends, and what becomes of the alert then: real programs, quick timing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from alertwrap.hosted import place_of
from alertwrap.run.timing import Policy
from alertwrap.spool.spool import Spool
from tests.alertwrap.conftest import QUICK, Run, Write
from tests.alertwrap.said import operational, titles
from tests.fakes.server import FakeServer


def test_exit_0_is_completed_and_runs_again_on_interval_with_its_state(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    script = """read -r l; n=$(jq '.state.n // 0' <<<$l); echo '{"title":"run '$n'"}'
    echo '{"type":"state","value":{"n":'$((n+1))'}}'"""
    with running(write_alert(["bash", "-c", script], interval="1s")) as alert:
        server.wait(lambda: titles(server)[:2] == ["run 0", "run 1"])
        assert not operational(server, "crash_loop")
        assert alert.wrapper.situation.crashes == ()


def test_exit_75_is_tried_again_without_counting_as_a_crash(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    with running(write_alert(["bash", "-c", """echo '{"title":"x"}'; exit 75"""], stdin="none")) as alert:
        server.wait(lambda: len(titles(server)) >= 2)
        assert alert.wrapper.situation.crashes == ()


def test_exit_78_holds_until_the_config_changes(server: FakeServer, running: Run, write_alert: Write) -> None:
    script = "read -r l; jq -e '.configs[0]' <<<$l >&2 || { echo 'no config' >&2; exit 78; }; sleep 60"
    with running(write_alert(["bash", "-c", script])) as alert:
        server.wait(lambda: operational(server, "held"))
        assert "no config" in operational(server, "held")[0]["message"]
        assert alert.wrapper.situation.state == "HELD"
        server.put_config("c1", "probe")
        server.wait(lambda: alert.wrapper.situation.state == "RUNNING")


def test_a_crash_loop_is_one_notice_with_the_last_words_and_goes_on(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    timing = dataclasses.replace(QUICK, policy=Policy(first_backoff=0.01, longest_backoff=0.02, loop_retry=0.05))
    with running(write_alert(["crash.sh"]), timing=timing) as alert:
        server.wait(lambda: operational(server, "crash_loop"))
        starts = alert.log.getvalue().count("the alert has started")
        server.wait(lambda: alert.log.getvalue().count("the alert has started") > starts + 2)
        notices = operational(server, "crash_loop")
        assert len(notices) == 1
        assert "the last word" in notices[0]["message"]
        assert notices[0]["key"] == "probe/run"


def test_a_program_that_is_not_there_is_reported_and_started_when_it_comes(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    timing = dataclasses.replace(QUICK, policy=dataclasses.replace(QUICK.policy, cannot_run_retry=30))
    with running(write_alert(["./later.sh"]), timing=timing):
        server.wait(lambda: operational(server, "alert_down"))
        assert "no such program" in operational(server, "alert_down")[0]["message"]
        program = tmp_path / "draft"
        program.write_text('#!/bin/sh\necho \'{"title":"here"}\'\n')
        program.chmod(0o755)
        program.rename(tmp_path / "later.sh")
        server.wait(lambda: "here" in titles(server))
        server.wait(lambda: operational(server, "recovered"))
        assert operational(server, "recovered")[0]["status"] == "resolved"


def test_a_grandchild_that_holds_stdout_delays_nothing_and_is_ended(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    with running(write_alert(["grandchild.sh"])) as alert:
        server.wait(lambda: alert.wrapper.situation.state == "COMPLETED")  # long before the 300 s of the grandchild
        server.wait(lambda: titles(server) == ["parent"])
        assert alert.logged("exit code 0")
        pid = Spool(place_of("probe", alert.data).spool).state()["pid"]
        server.wait(lambda: not _alive(pid))


def test_the_stop_ladder_ends_what_ignores_the_end_of_stdin_and_term(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    for program, sign in (("hang.sh", "SIGTERM"), ("ignore_term.sh", "SIGKILL"), ("echo.py", "exit code 0")):
        with running(write_alert([program], name=sign.replace(" ", "-"))) as alert:
            server.wait(lambda: alert.wrapper.situation.state == "RUNNING" and server.of(alert.wrapper.name))
        assert alert.wrapper.situation.state == "STOPPED"
        assert alert.logged(sign), (program, alert.log.getvalue())


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False
