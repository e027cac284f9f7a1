"""One wrapper with real programs: what is to be heard is told, and nothing hangs."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sqlite3
from pathlib import Path

import pytest

from alertwrap.hosted import place_of
from tests.alertwrap.conftest import QUICK, Run, Write
from tests.alertwrap.said import heard, titles
from tests.fakes.server import FakeServer


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
    with running(write_alert(["echo.py"], tick="1s")) as alert:
        server.wait(lambda: heard(server, "synced"))
        server.put_config("c1", "probe")
        server.wait(lambda: len(heard(server, "config")) == 2)
        known = len(heard(server, "tick"))
        server.wait(lambda: len(heard(server, "tick")) >= known + 2)  # a second: it was time to restart it
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
    with contextlib.closing(sqlite3.connect(place_of("probe", alert.data).spool)) as raw:
        assert "hunter2" not in str(raw.execute("SELECT body FROM dead").fetchall())


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


def test_a_full_disk_does_not_keep_the_alert_from_its_config(
    server: FakeServer, running: Run, write_alert: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    with running(write_alert(["echo.py"])):
        server.wait(lambda: heard(server, "synced"))
        monkeypatch.setattr("alertwrap.spool.memory.remember", full)
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
