"""An alert that talks: features, acks, verdicts, errors, answers from people and replies to them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tests.alertwrap.conftest import QUICK, Run, Write
from tests.alertwrap.said import heard, hello, operational, titles
from tests.fakes.server import FakeServer


def test_numbered_lines_are_acked_when_durable_and_told_when_delivered(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    lines = [json.dumps({"seq": number, "title": f"n{number}"}) for number in range(1, 4)]
    state = '{"type":"state","value":{"at":3},"seq":4}'
    with running(write_alert(["talker.py", hello("ack", "delivered"), *lines, state])):
        server.wait(lambda: heard(server, "ack") and heard(server, "ack")[-1]["seq"] == 4)
        server.wait(lambda: heard(server, "delivered") and heard(server, "delivered")[-1]["seq"] == 3)
        assert all(line["rejected"] == [] for line in heard(server, "delivered"))


def test_of_what_was_there_already_it_is_told_too_that_it_is_delivered(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    lines = [json.dumps({"id": f"n{number}", "seq": number, "title": f"n{number}"}) for number in range(1, 4)]
    with running(write_alert(["talker.py", hello("delivered"), *lines])) as alert:
        server.wait(lambda: heard(server, "delivered") and heard(server, "delivered")[-1]["seq"] == 3)
        known = len(heard(server, "delivered"))
        alert.wrapper.restart()
        server.wait(lambda: len(heard(server, "delivered")) > known and heard(server, "delivered")[-1]["seq"] == 3)
        assert alert.wrapper.health.repeated == 3


def test_a_notice_that_the_center_refuses_is_told_to_the_alert_by_its_number(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    server.reject = lambda notice: "no such recipient" if notice.get("title") == "poison" else None
    lines = ['{"seq":1,"title":"good"}', '{"seq":2,"title":"poison","id":"p"}', '{"seq":3,"title":"fine"}']
    with running(write_alert(["talker.py", hello("delivered"), *lines])):
        server.wait(lambda: [one for line in heard(server, "delivered") for one in line["rejected"]])
        (rejected,) = [one for line in heard(server, "delivered") for one in line["rejected"]]
        assert (rejected["seq"], rejected["id"]) == (2, "p")
        assert "no such recipient" in rejected["reason"]
        server.wait(lambda: heard(server, "delivered")[-1]["seq"] == 3)


def test_a_line_that_is_not_taken_as_it_is_is_rejected_with_its_place(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    lines = [
        '{"seq":7,"id":"a","title":"x","severity":"purple"}',
        '{"type":"status","progress":7}',
        '{"type":"state","seq":9}',
        '{"title": nonsense}',
    ]
    with running(write_alert(["talker.py", hello("errors"), *lines])):
        server.wait(lambda: len(heard(server, "reject")) == 4)
        found = [(line["seq"], line["id"], line["path"]) for line in heard(server, "reject")]
        assert found == [(7, "a", "/severity"), (None, None, "/progress"), (9, None, "/value"), (None, None, "")]


def test_who_speaks_another_version_is_refused_and_goes_on_without_features(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    lines = [hello("errors"), hello("ack", v=[2]), hello("delivered", v=[2, 1]), '{"seq":1,"title":"n1"}']
    with running(write_alert(["talker.py", *lines])):
        server.wait(lambda: heard(server, "delivered"))
        (reject,) = heard(server, "reject")
        assert (reject["path"], reject["reason"]) == ("/v", "this wrapper speaks version 1")
        assert not heard(server, "ack")


def test_without_hello_nothing_of_all_that_is_told(server: FakeServer, running: Run, write_alert: Write) -> None:
    with running(write_alert(["talker.py", '{"seq":1,"title":"n1"}'])) as alert:
        server.wait(lambda: heard(server, "synced"))
    assert alert.wrapper.situation.state == "STOPPED"
    assert {notice["title"] for notice in server.of("probe")} == {"n1", "config", "synced"}


def test_ping_comes_by_the_clock_and_shutdown_before_the_end(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    timing = dataclasses.replace(QUICK, ping=0.1)
    with running(write_alert(["talker.py", hello("ping", "shutdown")]), timing=timing):
        server.wait(lambda: len(heard(server, "ping")) >= 2)
        assert [line["seq"] for line in heard(server, "ping")[:2]] == [1, 2]
    (shutdown,) = heard(server, "shutdown")
    assert shutdown["reason"] == "stop"
    assert shutdown["deadline_ms"] > 0


def test_resync_tells_everything_again(server: FakeServer, running: Run, write_alert: Write) -> None:
    server.put("vm", "a", {"n": 1})
    again = '{"type":"resync"}'
    script = f"""echo '{hello("resync")}'; while read -r l; do jq -c '{{title:.type,message:tojson}}' <<<$l
    case $l in *synced*) [ -e seen ] || {{ touch seen; echo '{again}'; }};; esac; done; rm -f seen"""
    with running(write_alert(["bash", "-c", script], watch=["vm"])):
        server.wait(lambda: len(heard(server, "synced")) == 2)
        kinds = [notice.get("title", notice) for notice in server.of("probe")]
        assert kinds == ["config", "entity", "synced", "resync", "entity", "synced"]


def test_status_metrics_and_the_program_s_name_are_kept_for_people(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    lines = [
        '{"type":"status","text":"half way","progress":0.5}',
        '{"type":"metric","name":"disks","value":12,"labels":{"kind":"ssd"}}',
        '{"type":"metric","name":"disks","value":13,"labels":{"kind":"ssd"}}',
    ]
    with running(write_alert(["talker.py", hello(), *lines])) as alert:
        server.wait(lambda: alert.wrapper.health.metrics)
        server.wait(lambda: alert.wrapper.health.metrics == {("disks", (("kind", "ssd"),)): 13.0})
        report = alert.wrapper.report
        assert (report.status, report.progress, report.program) == ("half way", 0.5, "probe 1")


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ('{"type":"error","class":"permanent","msg":"no such disk"}', 1, "no such disk"),
        ('{"type":"error","class":"config","msg":"max is missing"}', 0, "max is missing"),
        ('{"type":"bye","permanent":true,"reason":"retired"}', 0, "retired"),
    ],
    ids=["permanent", "config", "bye"],
)
def test_who_says_that_it_cannot_go_on_is_held(
    server: FakeServer, running: Run, write_alert: Write, line: str, code: int, words: str
) -> None:
    with running(write_alert(["bash", "-c", f"echo '{line}'; exit {code}"], stdin="none")) as alert:
        server.wait(lambda: operational(server, "held"))
        assert words in operational(server, "held")[0]["message"]
        assert alert.wrapper.situation.state == "HELD"


def test_who_gives_up_and_does_not_end_is_ended(server: FakeServer, running: Run, write_alert: Write) -> None:
    line = '{"type":"bye","permanent":true,"reason":"retired"}'
    timing = dataclasses.replace(QUICK, patience=0.1)
    with running(write_alert(["bash", "-c", f"echo '{line}'; sleep 60"], stdin="none"), timing=timing) as alert:
        server.wait(lambda: operational(server, "held"))
        assert alert.wrapper.situation.state == "HELD"


def test_a_transient_error_says_when_to_try_again_and_is_no_crash(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    line = '{"type":"error","class":"transient","msg":"busy","retry_in":0.1}'
    script = f"""echo '{{"title":"try"}}'; echo '{line}'; exit 1"""
    with running(write_alert(["bash", "-c", script], stdin="none")) as alert:
        server.wait(lambda: len(server.of("probe")) >= 7)
        assert alert.wrapper.situation.crashes == ()
        assert not operational(server, "crash_loop")


def test_an_alert_that_is_silent_too_long_is_told_of_and_again_when_it_speaks(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Any
) -> None:
    script = 'while [ ! -e go ]; do sleep 0.05; done; while :; do echo \'{"type":"heartbeat"}\'; sleep 0.2; done'
    with running(write_alert(["bash", "-c", script], stdin="none", expect_every="1s")):
        server.wait(lambda: operational(server, "silent"))
        (tmp_path / "go").touch()
        server.wait(lambda: operational(server, "silent")[-1]["status"] == "resolved")


def test_an_alert_that_stops_reading_is_told_of_and_again_when_it_reads(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Any
) -> None:
    script = """for i in 1 2 3; do read -r l; echo '{"title":"read"}'; done; while [ ! -e go ]; do sleep 0.05; done
    cat >/dev/null"""
    timing = dataclasses.replace(QUICK, not_consuming=0.3)
    with running(write_alert(["bash", "-c", script], watch=["vm"]), timing=timing):
        server.put("vm", "a", {"n": 1})
        server.wait(lambda: len(server.of("probe")) == 3)
        server.put("vm", "b", {"n": 1})
        server.wait(lambda: operational(server, "not_consuming"))
        (tmp_path / "go").touch()
        server.wait(lambda: operational(server, "not_consuming")[-1]["status"] == "resolved")


def test_a_flood_of_log_lines_is_limited(server: FakeServer, running: Run, write_alert: Write) -> None:
    script = 'for i in {1..2000}; do echo \'{"type":"log","msg":"x"}\'; done; echo \'{"title":"end"}\''
    with running(write_alert(["bash", "-c", script], stdin="none")) as alert:
        server.wait(lambda: "end" in titles(server))
        server.wait(lambda: alert.logged("log lines suppressed"))
        assert alert.log.getvalue().count("source=alert") < 700
