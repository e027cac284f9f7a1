"""An alert that talks: features, acks, verdicts, errors, answers from people and replies to them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from alertwrap.hosted import place_of
from alertwrap.spool import Spool
from tests.alertwrap.conftest import QUICK, Run, Write
from tests.fakes.server import FakeServer


def hello(*features: str, **more: Any) -> str:
    return json.dumps({"type": "hello", "name": "probe", "version": "1", "features": list(features), **more})


def heard(server: FakeServer, kind: str, alert: str = "probe") -> list[dict[str, Any]]:
    """The lines of this type that tests/programs/talker.py was told."""
    return [json.loads(notice["message"]) for notice in server.of(alert) if notice.get("title") == kind]


def operational(server: FakeServer, kind: str) -> list[dict[str, Any]]:
    return [notice for notice in server.of("alertwrap") if notice["labels"]["kind"] == kind]


def test_numbered_lines_are_acked_when_durable_and_told_when_delivered(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    lines = [json.dumps({"seq": number, "title": f"n{number}"}) for number in range(1, 4)]
    state = '{"type":"state","value":{"at":3},"seq":4}'
    with running(write_alert(["talker.py", hello("ack", "delivered"), *lines, state])):
        server.wait(lambda: heard(server, "ack") and heard(server, "ack")[-1]["seq"] == 4)
        server.wait(lambda: heard(server, "delivered") and heard(server, "delivered")[-1]["seq"] == 3)
        assert all(line["rejected"] == [] for line in heard(server, "delivered"))


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


def test_a_config_error_brings_back_the_last_good_one(server: FakeServer, running: Run, write_alert: Write) -> None:
    script = """while read -r l; do r=$(jq .rev <<<$l); m=$(jq -r '.configs[0].metric.max // "none"' <<<$l)
    case $l in *'"config"'*) echo '{"title":"'$m'"}'
    if [ "$m" = 999 ]; then echo '{"type":"config_error","rev":'$r',"errors":[{"path":"/max","msg":"too much"}]}'
    else echo '{"type":"config_ok","rev":'$r'}'; fi;; esac; done"""
    server.put_config("c1", "probe", max=80)
    with running(write_alert(["bash", "-c", script])) as alert:
        server.wait(lambda: alert.wrapper.report.configs == 1 and server.of("probe"))
        server.wait(lambda: Spool(place_of("probe", alert.data).spool).recall("good_configs"))
        server.put_config("c1", "probe", revision=2, max=999)
        server.wait(lambda: [notice["title"] for notice in server.of("probe")] == ["80", "999", "80"])
        assert "too much" in operational(server, "config_rejected")[0]["message"]
        assert "too much" in alert.wrapper.report.refused["c1"]
        server.put_config("c1", "probe", revision=3, max=70)
        server.wait(lambda: server.of("probe")[-1]["title"] == "70")
        server.wait(lambda: operational(server, "config_rejected")[-1]["status"] == "resolved")
        assert alert.log.getvalue().count("the alert has started") == 1


def test_exit_78_after_a_new_config_goes_back_to_the_last_good_one(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    script = """read -r l; m=$(jq '.configs[0].metric.max' <<<$l); echo '{"title":"'$m'"}'
    [ "$m" = 999 ] && { echo "999 is too much" >&2; exit 78; }; cat >/dev/null"""
    timing = dataclasses.replace(QUICK, config_trial=0.2)
    server.put_config("c1", "probe", max=80)
    with running(write_alert(["bash", "-c", script], on_config="restart"), timing=timing) as alert:
        server.wait(lambda: Spool(place_of("probe", alert.data).spool).recall("good_configs"))
        server.put_config("c1", "probe", revision=2, max=999)
        server.wait(lambda: [notice["title"] for notice in server.of("probe")] == ["80", "999", "80"])
        assert "999 is too much" in operational(server, "config_rejected")[0]["message"]
        assert not operational(server, "held")
        assert alert.wrapper.situation.state == "RUNNING"


def test_a_crash_loop_that_a_new_config_brings_goes_back_too(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    script = """read -r l; m=$(jq '.configs[0].metric.max' <<<$l); echo '{"title":"'$m'"}'
    [ "$m" = 999 ] && exit 1; cat >/dev/null"""
    timing = dataclasses.replace(QUICK, config_trial=0.2)
    server.put_config("c1", "probe", max=80)
    with running(write_alert(["bash", "-c", script], on_config="restart"), timing=timing) as alert:
        server.wait(lambda: Spool(place_of("probe", alert.data).spool).recall("good_configs"))
        server.put_config("c1", "probe", revision=2, max=999)
        server.wait(lambda: operational(server, "config_rejected"))
        server.wait(lambda: server.of("probe")[-1]["title"] == "80")
        assert [notice["title"] for notice in server.of("probe")].count("999") == 5
        assert not operational(server, "crash_loop")


def test_a_config_that_breaks_the_schema_never_reaches_the_alert(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Any
) -> None:
    (tmp_path / "schema.json").write_text('{"type":"object","properties":{"max":{"type":"integer"}}}')
    server.put_config("c1", "probe", max=80)
    with running(write_alert(["talker.py"], metric_schema="schema.json")) as alert:
        server.wait(lambda: heard(server, "synced"))
        server.put_config("c1", "probe", revision=2, max="many")
        server.wait(lambda: operational(server, "config_rejected"))
        assert "/metric/max" in operational(server, "config_rejected")[0]["message"]
        assert alert.wrapper.report.refused
        server.put_config("c1", "probe", revision=3, max=81)
        server.wait(lambda: heard(server, "config")[-1]["configs"] != heard(server, "config")[0]["configs"])
        assert [[c["metric"]["max"] for c in line["configs"]] for line in heard(server, "config")][-1] == [81]
        assert not any("many" in json.dumps(line) for line in heard(server, "config"))


def test_an_alert_may_bring_its_schema_along(server: FakeServer, running: Run, write_alert: Write) -> None:
    schema = {"type": "object", "required": ["max"]}
    with running(write_alert(["talker.py", hello(metric_schema=schema)])):
        server.wait(lambda: heard(server, "synced"))
        server.put_config("c1", "probe", min=1)
        server.wait(lambda: operational(server, "config_rejected"))
        assert "max" in operational(server, "config_rejected")[0]["message"]


def test_a_config_that_must_have_a_restart_gets_one(server: FakeServer, running: Run, write_alert: Write) -> None:
    script = """while read -r l; do jq -c '{title:(.run.reason+" "+(.rev|tostring))}' <<<$l
    [ $(jq .rev <<<$l) = 2 ] && echo '{"type":"config_ok","rev":2,"applied":"restart_needed"}'; done"""
    with running(write_alert(["bash", "-c", script.replace("done", "true; done")])):
        server.wait(lambda: server.of("probe"))
        server.put_config("c1", "probe")
        server.wait(lambda: [n["title"] for n in server.of("probe") if n["title"].endswith("1")][-1] == "config 1")


def chat(server: FakeServer, name: str, alert: str = "probe", **more: Any) -> None:
    server.put("chat", name, {"alert": alert, "channel": "telegram", "chat": "42", "text": f"text of {name}", **more})


def test_answers_come_in_order_each_once_and_only_to_whom_they_concern(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    chat(server, "a1", button="ack")
    chat(server, "b1", alert="another")
    with running(write_alert(["talker.py"])):
        server.wait(lambda: heard(server, "answer"))
        chat(server, "a2")
        chat(server, "a3", **{"from": {"recipient": "ann", "name": "Ann"}})
        server.wait(lambda: len(heard(server, "answer")) == 3)
        assert [line["id"] for line in heard(server, "answer")] == ["a1", "a2", "a3"]
        assert heard(server, "answer")[0]["button"] == "ack"
        assert heard(server, "answer")[2]["from"]["name"] == "Ann"
        server.cut_followers()
        chat(server, "a4")
        server.wait(lambda: len(heard(server, "answer")) == 4)
        assert heard(server, "answer")[3]["id"] == "a4"


def answering(after: str) -> list[str]:
    """Says each answer's id, and then `after` with ID in it; crashes when it hears `crash`."""
    return [
        "bash",
        "-c",
        f"""while read -r l; do case $l in *'"answer"'*) i=$(jq -r .id <<<$l)
    echo '{{"title":"'$i'"}}'; case $l in *crash*) exit 1;; esac; echo '{after}' | sed "s/ID/$i/";; esac; done""",
    ]


def titles(server: FakeServer) -> list[str]:
    return [notice["title"] for notice in server.of("probe")]


@pytest.mark.parametrize("after", ['{"type":"state","value":{"last":"ID"}}', '{"type":"ack","id":"ID"}'],
                         ids=["state", "ack"])  # fmt: skip
def test_an_answer_is_told_again_until_the_alert_has_dealt_with_it(
    server: FakeServer, running: Run, write_alert: Write, after: str
) -> None:
    waits: Callable[[], object] = lambda: "a1" in titles(server)  # noqa: E731
    with running(write_alert(answering(after))) as alert:
        chat(server, "a1")
        server.wait(waits)
        spool = Spool(place_of("probe", alert.data).spool)
        server.wait(lambda: not spool._db.execute("SELECT 1 FROM answers WHERE NOT settled").fetchall())
        chat(server, "a2", command="crash")
        server.wait(lambda: titles(server).count("a2") >= 2)
        assert titles(server).count("a1") == 1


def test_an_answer_that_came_while_the_alert_was_away_is_told_at_its_start(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    program = ["jq", "-c", '{title:([.answers[].id]|join(" ")), key: "k"}']
    with running(write_alert(program, stdin="once")) as alert:
        server.wait(lambda: alert.wrapper.situation.state == "COMPLETED" and server.of("probe"))
        chat(server, "a1")
        server.wait(lambda: "a1" in titles(server))


def test_a_reply_goes_to_the_message_sender_into_the_chat_that_asked(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    reply = '{"type":"reply","id":"r","in_reply_to":"ID","text":"on it","buttons":[{"id":"u","label":"Undo"}]}'
    with running(write_alert(answering(reply))):
        chat(server, "a1")
        server.wait(lambda: server.messages)
        (message,) = server.messages
        assert message["id"] == "probe:r"
        assert (message["channel"], message["to"], message["message"]) == ("telegram", "42", "on it")
        assert message["in_reply_to"] == "a1"
        assert message["buttons"] == [{"id": "u", "label": "Undo"}]


def test_a_reply_to_nobody_is_refused_and_said_so(server: FakeServer, running: Run, write_alert: Write) -> None:
    lines = ['{"type":"reply","text":"x"}', '{"type":"reply","text":"x","in_reply_to":"nobody"}']
    with running(write_alert(["talker.py", hello("errors"), *lines])) as alert:
        server.wait(lambda: len(heard(server, "reject")) == 2)
        assert heard(server, "reject")[1]["path"] == "/in_reply_to"
        assert alert.logged("a reply line is refused")
        assert server.messages == []


def test_an_alert_that_is_silent_too_long_is_told_of_and_again_when_it_speaks(
    server: FakeServer, running: Run, write_alert: Write, tmp_path: Any
) -> None:
    script = 'while [ ! -e go ]; do sleep 0.05; done; while :; do echo \'{"type":"heartbeat"}\'; sleep 0.2; done'
    with running(write_alert(["bash", "-c", script], stdin="none", expect_every="1s")):
        server.wait(lambda: operational(server, "silent"))
        (tmp_path / "go").touch()
        server.wait(lambda: operational(server, "silent")[-1]["status"] == "resolved")


def test_an_alert_that_stops_reading_is_told_of(server: FakeServer, running: Run, write_alert: Write) -> None:
    script = 'for i in 1 2 3; do read -r l; echo \'{"title":"read"}\'; done; sleep 60'
    timing = dataclasses.replace(QUICK, not_consuming=0.3)
    with running(write_alert(["bash", "-c", script], watch=["vm"]), timing=timing):
        server.put("vm", "a", {"n": 1})
        server.wait(lambda: len(server.of("probe")) == 3)
        server.put("vm", "b", {"n": 1})
        server.wait(lambda: operational(server, "not_consuming"))


def test_a_flood_of_log_lines_is_limited(server: FakeServer, running: Run, write_alert: Write) -> None:
    script = 'for i in {1..2000}; do echo \'{"type":"log","msg":"x"}\'; done; echo \'{"title":"end"}\''
    with running(write_alert(["bash", "-c", script], stdin="none")) as alert:
        server.wait(lambda: "end" in titles(server))
        server.wait(lambda: alert.logged("log lines suppressed"))
        assert alert.log.getvalue().count("source=alert") < 700


def test_limits_are_the_kernel_s(server: FakeServer, running: Run, write_alert: Write, tmp_path: Any) -> None:
    file = write_alert(["bash", "-c", "echo '{\"title\":\"'$(ulimit -n)/$(ulimit -d)/$(ulimit -t)'\"}'"], stdin="none")
    file.write_text(file.read_text() + '[limits]\nopen_files = 64\nmemory = "512M"\ncpu = "1m"\n')
    with running(file):
        server.wait(lambda: titles(server) == ["64/524288/60"])
