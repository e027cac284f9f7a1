"""One wrapper with real programs: what is said arrives, what is to be heard is told, and nothing hangs."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from alertwrap.entries import Emission
from alertwrap.hosted import place_of
from alertwrap.spool import Spool
from alertwrap.timing import Policy
from tests.alertwrap.conftest import QUICK, Run, Write
from tests.alertwrap.said import heard, operational, titles
from tests.fakes.server import Bad, FakeServer


def test_line_1_is_the_config_and_then_come_entities_recipients_and_synced(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.put_config("c1", "probe", max_pct=80)
    server.put_config("c2", "another", max_pct=1)
    server.put("host.mount", "/", {"pct": 50, "name": "тест"})
    server.put("recipient", "u1", {"id": "u1", "name": "Ann"})
    with running(write_alert(["echo.py"], watch=["host.mount"])):
        server.wait(lambda: "synced" in titles(server))
        first = json.loads(server.of("probe")[0]["message"])
        assert first["type"] == "config"
        assert first["configs"] == [{"id": "c1", "metric": {"max_pct": 80}, "enabled": True, "revision": 1}]
        assert first["state"] is None
        assert first["run"]["reason"] == "first"
        assert first["dry_run"] is False
        assert heard(server, "entity")[0]["data"] == {"pct": 50, "name": "тест"}
        assert heard(server, "recipient")[0]["data"]["name"] == "Ann"
        assert heard(server, "synced")[0]["entities"] == 1
        assert all(notice["message"].isascii() for notice in server.of("probe"))
        assert {notice["config"] for notice in server.of("probe")} == {"c1"}


def test_changes_reach_a_running_alert(server: FakeServer, running: Run, write_alert: Write) -> None:
    server.put("host.mount", "/", {"pct": 1})
    with running(write_alert(["echo.py"], watch=["host.mount"])):
        server.wait(lambda: heard(server, "synced"))
        server.put("host.mount", "/", {"pct": 2})
        server.wait(lambda: heard(server, "entity")[-1].get("data") == {"pct": 2})
        server.put("host.mount", "/", None)
        server.wait(lambda: heard(server, "entity")[-1].get("deleted"))
        server.put_config("c1", "probe", revision=2, max_pct=70)
        server.wait(lambda: heard(server, "config")[-1]["configs"])
        assert heard(server, "config")[-1]["rev"] == 2
        assert {line["run"]["attempt"] for line in heard(server, "config")} == {1}


def test_after_a_lost_connection_the_alert_hears_synced_again(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.put("host.mount", "/", {"pct": 1})
    with running(write_alert(["echo.py"], watch=["host.mount"])):
        server.wait(lambda: heard(server, "synced"))
        server.put("host.mount", "/gone", {"pct": 1})
        server.wait(lambda: heard(server, "entity")[-1]["key"] == "/gone")
        before = len(heard(server, "synced"))
        server.topics["host.mount"].pop("/gone")
        server.cut_followers()
        server.wait(lambda: len(heard(server, "synced")) > before)
        server.wait(lambda: len(heard(server, "entity")) == 3)
        assert heard(server, "entity")[-1] | {"at": ""} == {
            "type": "entity", "at": "", "topic": "host.mount", "key": "/gone", "deleted": True, "rev": 3,
        }  # fmt: skip
        server.wait(lambda: titles(server)[-1] == "synced")


def test_a_program_that_reads_once_is_restarted_for_a_new_config(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    with running(write_alert(["bash", "-c", "read -r l; jq -c '{title:(.configs|length|tostring)}' <<<$l; sleep 60"])):
        server.wait(lambda: titles(server) == ["0"])
        server.put_config("c1", "probe")
        server.wait(lambda: titles(server) == ["0", "1"])


def test_a_program_that_reads_is_not_restarted(server: FakeServer, running: Run, write_alert: Write) -> None:
    with running(write_alert(["echo.py"])) as alert:
        server.wait(lambda: heard(server, "synced"))
        server.put_config("c1", "probe")
        server.wait(lambda: len(heard(server, "config")) == 2)
        time.sleep(QUICK.config_unread + QUICK.config_gap)
        assert alert.log.getvalue().count("the alert has started") == 1


def test_on_config_restart_starts_it_anew(server: FakeServer, running: Run, write_alert: Write) -> None:
    with running(write_alert(["echo.py"], on_config="restart")):
        server.wait(lambda: heard(server, "synced"))
        server.put_config("c1", "probe")
        server.wait(lambda: heard(server, "config")[-1]["run"]["reason"] == "config")
        assert heard(server, "config")[-1]["configs"][0]["id"] == "c1"


def test_stdin_once_gets_everything_in_one_line_and_then_the_end(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.put_config("c1", "probe")
    server.put("host.mount", "/", {"pct": 3})
    server.put("recipient", "u1", {"id": "u1"})
    program = ["jq", "-c", "{title: .type, data: .}"]
    with running(write_alert(program, stdin="once", watch=["host.mount"])):
        server.wait(lambda: titles(server))
        data = server.of("probe")[0]["data"]
        assert data["entities"] == [{"topic": "host.mount", "key": "/", "data": {"pct": 3}}]
        assert data["recipients"] == [{"id": "u1", "data": {"id": "u1"}}]
        assert data["configs"][0]["id"] == "c1"


def test_stdin_none_and_text_make_any_command_an_alert(server: FakeServer, running: Run, write_alert: Write) -> None:
    with running(write_alert(["bash", "-c", "cat; echo disk full"], stdin="none", format="text")):
        server.wait(lambda: titles(server) == ["disk full"])


def test_ticks_come_by_the_clock(server: FakeServer, running: Run, write_alert: Write) -> None:
    with running(write_alert(["echo.py"], tick="1s")):
        server.wait(lambda: len(heard(server, "tick")) >= 2)
        assert [line["seq"] for line in heard(server, "tick")[:2]] == [1, 2]


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
        began = time.monotonic()
        server.wait(lambda: alert.wrapper.situation.state == "COMPLETED")
        assert time.monotonic() - began < 3
        assert titles(server) == ["parent"]
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


def test_floods_on_both_pipes_while_stdin_is_full_stop_nothing(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    for number in range(3000):
        server.topics.setdefault("many", {})[f"k{number}"] = {"text": "x" * 100}
    with running(write_alert(["flood.py", "20000"], watch=["many"])) as alert:
        server.wait(lambda: len(titles(server)) >= 20000, deadline=60)
        assert len(server.notices) == len(set(titles(server))) == 20000
        assert titles(server) == [f"n{number}" for number in range(20000)]
        assert alert.logged("lines suppressed")


def test_a_never_reading_alert_costs_no_memory_for_a_hundred_thousand_updates(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    with running(write_alert(["hang.sh"], watch=["busy"])) as alert:
        server.wait(lambda: titles(server))
        before = _resident()
        for number in range(100_000):
            alert.wrapper._notify.take(_change("busy", f"k{number % 50}", {"n": number, "text": "x" * 200}))
        assert _resident() - before < 8_000, "kB"
        assert alert.wrapper.world.counts() == (50, 0)


def test_a_line_of_50_mb_is_reported_and_does_not_grow_memory(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    before = _resident()
    with running(write_alert(["long_line.py", "50"])):
        server.wait(lambda: "after the long line" in titles(server), deadline=30)
        assert "more than 1048576 bytes" in server.of("probe")[0]["message"]
        assert _resident() - before < 16_000, "kB"


def test_random_bytes_stop_nothing_and_are_not_lost_in_silence(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    with running(write_alert(["garbage.py"])) as alert:
        server.wait(lambda: "after the garbage" in titles(server))
        assert alert.logged("stdout")


def test_malformed_lines_are_forwarded_as_text_and_kept(server: FakeServer, running: Run, write_alert: Write) -> None:
    lines = ['{"title": nonsense}', '{"title":"a","severity":"purple","key":"k"}', '{"title":"b","extra":1}', "[1,2]"]
    with running(write_alert(["once.sh", *lines])) as alert:
        server.wait(lambda: len(server.of("probe")) == 4)
        first, second, third, fourth = server.of("probe")
        assert "nonsense" in first["message"]
        assert first["labels"] == {"alertwrap": "malformed"}
        assert (second["title"], second["key"], second["severity"]) == ("a", "k", "warning")
        assert "severity" in second["message"]
        assert "purple" in second["message"]
        assert third["data"] == {"extra": 1}
        assert "expected an object" in fourth["message"]
        dead = Spool(place_of("probe", alert.data).spool).dead()
        assert [body for _, _, body in dead] == ['{"title": nonsense}', "[1,2]"]


def test_an_id_twice_is_one_notice_and_an_id_for_two_contents_is_two(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    lines = ['{"id":"a","title":"1"}', '{"id":"a","title":"1"}', '{"id":"a","title":"2"}', '{"id":"a","title":"2"}']
    with running(write_alert(["once.sh", *lines])):
        server.wait(lambda: operational(server, "id_conflict"))
        assert titles(server) == ["1", "2"]
        assert server.of("probe")[0]["id"] == "probe:a"


def test_a_poison_notice_goes_to_the_dead_letters_and_the_others_go_on(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.reject = lambda notice: "no such recipient" if notice.get("title") == "poison" else None
    with running(write_alert(["once.sh", '{"title":"a"}', '{"title":"poison"}', '{"title":"b"}'])) as alert:
        server.wait(lambda: operational(server, "dead_letter"))
        assert titles(server) == ["a", "b"]
        assert "no such recipient" in operational(server, "dead_letter")[0]["message"]
        assert "poison" in Spool(place_of("probe", alert.data).spool).dead()[0][2]


def test_a_batch_that_is_refused_whole_is_bisected(server: FakeServer, running: Run, write_alert: Write) -> None:
    server.script.extend([Bad(413), Bad(400), Bad(422)])
    lines = [json.dumps({"title": f"n{number}"}) for number in range(4)]
    with running(write_alert(["once.sh", *lines], stdin="stream")) as alert:
        server.wait(lambda: len(titles(server)) + len(Spool(place_of("probe", alert.data).spool).dead()) >= 4)
        dead = Spool(place_of("probe", alert.data).spool).dead()
        assert len(dead) <= 1, "only what was refused alone is given up"


def test_bad_days_of_the_center_lose_nothing_and_keep_the_order(
    server: FakeServer, running: Run, write_alert: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertwrap.delivery.backoff", lambda *_: 0.02)  # test_retry shows what it is
    server.script.extend([
        Bad(500), Bad(429, {"Retry-After": "0"}), Bad(503, {"Retry-After": "garbage"}), Bad(200), Bad(502, store=True),
        Bad(202, store=True, cut=True), Bad(302, {"Location": "http://127.0.0.1:1/"}), Bad(408),
    ])  # fmt: skip
    with running(write_alert(["counter.py", "25"])):
        server.wait(lambda: len(titles(server)) == 25 and not server.script, deadline=40)
        assert titles(server) == [f"count {number}" for number in range(1, 26)]


def test_what_is_not_delivered_stays_and_goes_out_at_the_next_start(
    server: FakeServer, running: Run, write_alert: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alertwrap.host.DELIVER_SECONDS", 0.3)
    server.script.extend([Bad(401)] * 50)
    file = write_alert(["once.sh", '{"title":"kept"}'])
    with running(file) as alert:
        server.wait(lambda: alert.logged("HTTP 401"))
    assert titles(server) == []
    server.script.clear()
    with running(file):
        server.wait(lambda: "kept" in titles(server))


def test_a_corrupt_spool_is_moved_aside_and_reported_and_what_can_be_read_is_saved(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    path = place_of("probe", tmp_path / "data").spool
    spool = Spool(path)
    spool.append([Emission(None, json.dumps({"alert": "probe", "title": f"old {n}", "message": "x" * 500})) for n in
                  range(300)])  # fmt: skip
    spool.close()
    content = bytearray(path.read_bytes())
    content[20 * 4096 : 21 * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    with running(write_alert(["once.sh", '{"title":"new"}'])):
        server.wait(lambda: "new" in titles(server) and operational(server, "spool_corrupt"))
        assert len(titles(server)) > 200
    assert list(path.parent.glob("probe.db.corrupt-*"))


def test_a_full_spool_blocks_the_alert_and_loses_nothing(server: FakeServer, running: Run, write_alert: Write) -> None:
    server.script.extend([Bad(500)] * 10_000)
    with running(write_alert(["flood.py", "20000"])) as alert:
        alert.wrapper._spool.quota = 300_000
        server.wait(lambda: alert.logged("the spool is full"))
        assert alert.wrapper.situation.state == "RUNNING"
        alert.wrapper._spool.quota = 10**9
        server.script.clear()
        server.wait(lambda: len(titles(server)) == 20000, deadline=60)
        assert titles(server) == [f"n{number}" for number in range(20000)]
        assert operational(server, "stopped_reading")


def test_secrets_are_told_in_line_1_and_nowhere_else(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Path
) -> None:
    script = "read -r l; jq -r .secrets.key <<<$l >&2; env >&2; echo '{\"title\": hunter2hunter2}'; cat >/dev/null"
    with running(write_alert(["bash", "-c", script], secrets={"key": "env:MY_KEY"}), MY_KEY="hunter2hunter2") as alert:
        server.wait(lambda: titles(server))
        server.wait(lambda: alert.logged("ALERT_NAME"))
        assert "hunter2" not in alert.log.getvalue()
        assert "hunter2" not in json.dumps(server.of("probe"))
        assert alert.logged("***")
    raw = sqlite3.connect(place_of("probe", alert.data).spool).execute("SELECT body FROM dead").fetchall()
    assert "hunter2" not in str(raw)


def test_the_alert_starts_with_the_last_configs_when_the_notifier_is_away(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.put_config("c1", "probe", max_pct=5)
    file = write_alert(["echo.py"])
    with running(file):
        server.wait(lambda: heard(server, "synced"))
    server.follow = lambda waiting, topic: None  # type: ignore[method-assign] - it accepts, and never says anything
    known = len(heard(server, "config"))
    with running(file, timing=dataclasses.replace(QUICK, first_configs=0.3)):
        server.wait(lambda: len(heard(server, "config")) > known)
        assert heard(server, "config")[-1]["configs"][0]["metric"] == {"max_pct": 5}


def _change(topic: str, key: str, data: dict[str, Any]) -> Any:
    from notifier.frames import Change

    return Change(topic, key, "updated", data, "e:1")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def _resident() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return 0


def test_a_full_disk_does_not_keep_the_alert_from_its_config(
    server: FakeServer, running: Run, write_alert: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    with running(write_alert(["echo.py"])):
        server.wait(lambda: heard(server, "synced"))
        monkeypatch.setattr("alertwrap.spool_memory.remember", full)
        server.put_config("c1", "probe", max_pct=5)
        server.wait(lambda: [c["metric"] for c in heard(server, "config")[-1]["configs"]] == [{"max_pct": 5}])


def test_a_config_that_comes_shortly_before_the_end_of_a_run_is_not_missed(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    script = 'read -r line; echo "{\\"title\\":$(jq \'.configs[0].metric.x\' <<<$line | jq -R .)}"; sleep 0.5'
    server.put_config("c1", "probe", x=1)
    with running(write_alert(["bash", "-c", script]), timing=dataclasses.replace(QUICK, config_unread=60)):
        server.wait(lambda: titles(server) == ["1"])
        server.put_config("c1", "probe", revision=2, x=2)
        server.wait(lambda: titles(server) == ["1", "2"])


def test_a_config_that_was_there_from_the_start_is_no_reason_to_run_again(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.put_config("c1", "probe", x=1)
    with running(write_alert(["once.sh", '{"title":"once"}'])) as alert:
        server.wait(lambda: alert.wrapper.situation.state == "COMPLETED")
        assert not alert.wrapper._news.take("config")
