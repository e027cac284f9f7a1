"""What becomes of a config: told, judged, taken back; and what the wrapper does about who does not say."""

from __future__ import annotations

import dataclasses
import itertools
import json
import threading
from typing import Any

import pytest

from alertwrap.hosted import place_of
from alertwrap.spool.spool import Spool
from tests.alertwrap.conftest import QUICK, Run, Write
from tests.alertwrap.said import heard, hello, operational, titles
from tests.fakes.server import FakeServer


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
    timing = dataclasses.replace(QUICK, config_trial=2.0)
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
    timing = dataclasses.replace(QUICK, config_trial=2.0)
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


JUDGING = """while read -r l; do case $l in *'"config"'*) r=$(jq .rev <<<$l); echo '{"title":"'$r'"}'
[ "$r" = 1 ] || echo '{"type":"config_ok","rev":'$r'}';; esac; done"""


@pytest.mark.parametrize("features", [(), ("verdict",)])
def test_a_verdict_that_was_promised_and_does_not_come_is_told_of(
    server: FakeServer, running: Run, write_alert: Write, features: tuple[str, ...]
) -> None:
    timing = dataclasses.replace(QUICK, verdict=0.2, config_trial=0.1)
    script = f"echo '{hello(*features)}'; {JUDGING}"
    server.put_config("c1", "probe", max=1)
    with running(write_alert(["bash", "-c", script]), timing=timing) as alert:
        server.wait(lambda: operational(server, "no_verdict") if features else alert.wrapper._book.proved)
        assert bool(operational(server, "no_verdict")) == bool(features)
        assert alert.wrapper._book.proved == (not features), "to have run with it proves nothing of who promised more"
        server.put_config("c1", "probe", revision=2, max=2)
        server.wait(lambda: alert.wrapper._book.proved and titles(server)[-1:] == ["2"])
        if features:
            server.wait(lambda: operational(server, "no_verdict")[-1]["status"] == "resolved")


@pytest.mark.parametrize("on_config", ["auto", "restart"])
def test_a_config_that_never_stops_changing_reaches_who_reads_once_all_the_same(
    server: FakeServer, running: Run, write_alert: Write, on_config: str
) -> None:
    script = "read -r l; jq -c '{title:(.configs[0].revision|tostring)}' <<<$l; sleep 60"
    timing = dataclasses.replace(QUICK, config_debounce=0.4, config_gap=0.6, config_unread=0.4)
    server.put_config("c1", "probe", x=0)
    with running(write_alert(["bash", "-c", script], on_config=on_config), timing=timing) as alert:
        server.wait(lambda: titles(server) == ["1"])
        over, revision = threading.Event(), itertools.count(2)

        def change() -> None:
            while not over.wait(0.1):
                number = next(revision)
                server.put_config("c1", "probe", revision=number, x=number)

        changing = threading.Thread(target=change, daemon=True)
        changing.start()
        server.wait(lambda: len(titles(server)) >= 3)
        over.set()
        changing.join(5)
        last = next(revision) - 1
        server.wait(lambda: titles(server)[-1] == str(last))
        assert alert.wrapper.report.starts == len(titles(server))


def test_an_alert_that_reads_is_not_restarted_however_often_its_config_changes(
    server: FakeServer, running: Run, write_alert: Write
) -> None:
    timing = dataclasses.replace(QUICK, config_unread=0.2)
    with running(write_alert(["talker.py"]), timing=timing) as alert:
        server.wait(lambda: heard(server, "synced"))
        for revision in range(1, 31):
            server.put_config("c1", "probe", revision=revision, x=revision)
            server.wait(lambda revision=revision: _revision(server) == revision)  # type: ignore[misc]
        assert alert.wrapper.report.starts == 1


def _revision(server: FakeServer) -> int:
    configs = heard(server, "config")[-1]["configs"]
    return int(configs[0]["revision"]) if configs else 0
