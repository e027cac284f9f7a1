"""Many alerts in one process: they come and go by their files, are asked about and ordered around, and leave each
other alone."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alertwrap.status.control_client import Control, NobodyThere
from tests.alertwrap.conftest import ROOT, Process
from tests.fakes.server import FakeServer

Start = Callable[..., Process]
SAYS = 'name = "{0}"\ncommand = ["bash", "-c", "echo \'{{\\"title\\":\\"{1}\\"}}\'; cat >/dev/null"]\n'
CRASHES = 'name = "{0}"\ncommand = ["bash", "-c", "exit 1"]\n'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    directory = tmp_path / "alerts.d"
    directory.mkdir()
    return directory


def titles(server: FakeServer, alert: str) -> list[str]:
    return [notice["title"] for notice in server.of(alert)]


def kinds(server: FakeServer) -> list[str]:
    return [notice["labels"]["kind"] for notice in server.of("alertwrap")]


def put(file: Path, text: str) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.rename(file)


def alertwrap(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alertwrap", *words, "--data", str(data)], capture_output=True, text=True, cwd=ROOT,
        timeout=30,
    )  # fmt: skip


@pytest.mark.parametrize("how", ["directory", "its files"])
def test_alerts_are_added_changed_and_removed_while_the_others_run(
    server: FakeServer, start: Start, files: Path, how: str
) -> None:
    put(files / "a.toml", SAYS.format("a", "first"))
    put(files / "b.toml", SAYS.format("b", "first"))
    process = start(files) if how == "directory" else start(*sorted(files.glob("*.toml")))
    server.wait(lambda: titles(server, "a") and titles(server, "b"))
    put(files / "c.toml", SAYS.format("c", "added"))
    server.wait(lambda: titles(server, "c") == ["added"])
    put(files / "a.toml", SAYS.format("a", "changed"))
    server.wait(lambda: titles(server, "a") == ["first", "changed"])
    (files / "c.toml").unlink()
    server.wait(lambda: "an alert's file is gone" in process.logged() and _states(process, "c") == "STOPPED")
    put(files / "c.toml", SAYS.format("c", "back again"))
    server.wait(lambda: titles(server, "c") == ["added", "back again"])
    assert titles(server, "b") == ["first"]
    assert _starts(process, "b") == 1


def test_a_file_that_is_wrong_costs_its_own_alert_only(server: FakeServer, start: Start, files: Path) -> None:
    put(files / "good.toml", SAYS.format("good", "first"))
    put(files / "bad.toml", 'name = "bad"\ncommand = "x"\n')
    process = start(files)
    server.wait(lambda: titles(server, "good"))
    assert "bad.toml: command: expected a list" in process.logged()
    put(files / "good.toml", "name = ")
    server.wait(lambda: "file_wrong" in kinds(server))
    put(files / "bad.toml", SAYS.format("bad", "right now"))
    server.wait(lambda: titles(server, "bad") == ["right now"])
    put(files / "good.toml", SAYS.format("good", "second"))
    server.wait(lambda: titles(server, "good") == ["first", "second"])
    server.wait(lambda: server.of("alertwrap")[-1]["status"] == "resolved")


def test_an_alert_that_another_process_runs_is_taken_over_when_that_ends(
    server: FakeServer, start: Start, files: Path, tmp_path: Path
) -> None:
    put(files / "a.toml", SAYS.format("a", "first"))
    one = start(files)
    server.wait(lambda: titles(server, "a"))
    two = start(files)
    server.wait(lambda: "another alertwrap runs this alert" in two.logged())
    one.popen.terminate()
    assert one.wait() == 0
    server.wait(lambda: len(titles(server, "a")) == 2)


def test_one_crashing_alert_costs_the_others_nothing(server: FakeServer, start: Start, files: Path) -> None:
    put(files / "bad.toml", CRASHES.format("bad"))
    put(files / "good.toml", SAYS.format("good", "first"))
    process = start(files)
    server.wait(lambda: "crash_loop" in kinds(server), deadline=60)
    assert _starts(process, "good") == 1
    found = {one["alert"]: one["state"] for one in Control(_data(files)).alerts()}
    assert found == {"bad": "CRASH_LOOP", "good": "RUNNING"}


def test_ps_logs_restart_and_hold(server: FakeServer, start: Start, files: Path) -> None:
    script = "read -r l; jq -c '{title:.run.reason}' <<<$l; echo gone wrong >&2; cat >/dev/null"
    put(files / "a.toml", f'name = "a"\ncommand = ["bash", "-c", "{script}"]\n')
    data = _data(files)
    process = start(files)
    server.wait(lambda: titles(server, "a") == ["first"])
    shown = alertwrap("ps", data=data).stdout.splitlines()
    assert shown[0].split()[:3] == ["ALERT", "STATE", "SINCE"]
    assert shown[1].split()[:2] == ["a", "RUNNING"]
    server.wait(lambda: "gone wrong" in alertwrap("logs", "a", data=data).stdout)
    assert alertwrap("restart", "a", data=data).returncode == 0
    server.wait(lambda: titles(server, "a") == ["first", "operator"])
    assert alertwrap("hold", "a", data=data).returncode == 0
    server.wait(lambda: Control(data).alerts()[0]["state"] == "HELD")
    process.popen.terminate()
    assert process.wait() == 0
    process = start(files)
    server.wait(lambda: "HELD" in process.logged())
    server.put_config("c1", "a")
    assert Control(data).alerts()[0]["held_by_operator"]
    assert "HELD (by hand)" in alertwrap("ps", data=data).stdout
    assert alertwrap("restart", "a", data=data).returncode == 0
    server.wait(lambda: titles(server, "a") == ["first", "operator", "operator"])
    assert "held" not in kinds(server)


def test_logs_follow_what_is_still_to_come(server: FakeServer, start: Start, files: Path) -> None:
    put(files / "a.toml", SAYS.format("a", "first"))
    start(files)
    server.wait(lambda: titles(server, "a"))
    following = Control(_data(files)).log("a", follow=True)
    assert "STARTING" not in next(following)
    Control(_data(files)).order("a", "restart")
    assert any("reason=operator" in line for line in following)
    following.close()  # type: ignore[attr-defined]


def test_nobody_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NobodyThere):
        Control(tmp_path).order("a", "restart")
    assert alertwrap("hold", "a", data=tmp_path).returncode == 1
    assert "no alertwrap runs alerts" in alertwrap("ps", data=tmp_path).stderr


def test_the_socket_is_its_owner_s_and_a_long_path_does_no_harm(
    server: FakeServer, start: Start, files: Path, tmp_path: Path
) -> None:
    put(files / "a.toml", SAYS.format("a", "first"))
    start(files)
    server.wait(lambda: titles(server, "a"))
    (sock,) = (_data(files) / "control").glob("*.sock")
    assert stat.S_IMODE(sock.stat().st_mode) == 0o600
    assert stat.S_IMODE(sock.parent.stat().st_mode) == 0o700


def test_a_socket_whose_owner_was_killed_is_passed_over(server: FakeServer, start: Start, files: Path) -> None:
    put(files / "a.toml", SAYS.format("a", "first"))
    first = start(files)
    server.wait(lambda: titles(server, "a"))
    first.popen.kill()
    first.wait()
    start(files)
    server.wait(lambda: len(titles(server, "a")) == 2)
    assert [one["alert"] for one in Control(_data(files)).alerts()] == ["a"]


def test_a_port_shows_metrics_and_takes_no_orders(
    server: FakeServer, start: Start, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    metric = '{\\"type\\":\\"metric\\",\\"name\\":\\"disks\\",\\"value\\":3,\\"labels\\":{\\"kind\\":\\"a\\\\\\"b\\"}}'
    script = f"echo '{metric}'; echo '{{\\\"title\\\":\\\"x\\\"}}'; cat >/dev/null"
    put(files / "a.toml", f'name = "a"\ncommand = ["bash", "-c", "{script}"]\n')
    start(files, Path("--listen"), Path(f"127.0.0.1:{port}"))
    server.wait(lambda: titles(server, "a"))
    url = f"http://127.0.0.1:{port}"
    text = _get(f"{url}/metrics")
    assert 'alertwrap_alert_state{alert="a",state="RUNNING"} 1' in text
    assert 'alertwrap_alert_metric{alert="a",name="disks",label_kind="a\\"b"} 3' in text
    assert 'alertwrap_alert_notices_total{alert="a"} 1' in text
    assert json.loads(_get(f"{url}/alerts"))["alerts"][0]["alert"] == "a"
    assert json.loads(_get(f"{url}/healthz")) == {"status": "ok"}
    for method, path in (("POST", "/alerts/a/hold"), ("GET", "/alerts/a/log"), ("GET", "/alerts/none")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(url + path, method=method))
        assert refused.value.code == 404
        refused.value.close()


def test_prometheus_itself_can_read_the_metrics(server: FakeServer, start: Start, files: Path) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    put(files / "a.toml", SAYS.format("a", "first"))
    start(files, Path("--listen"), Path("127.0.0.1:0"))
    server.wait(lambda: titles(server, "a"))
    from alertwrap.status.control_client import _Connection

    (sock,) = (_data(files) / "control").glob("*.sock")
    connection = _Connection(sock)
    connection.request("GET", "/metrics")
    families = {one.name: one for one in text_string_to_metric_families(connection.getresponse().read().decode())}
    connection.close()
    assert families["alertwrap_alert_up"].samples[0].value == 1


def test_how_each_alert_is_doing_is_an_entity(server: FakeServer, start: Start, files: Path) -> None:
    put(files / "a.toml", SAYS.format("a", "first"))
    put(files / "bad.toml", CRASHES.format("bad"))
    process = start(files)

    def latest() -> dict[str, Any]:
        return {event["key"]: event.get("data") for event in server.events if event["topic"] == "alertwrap.alert"}

    server.wait(lambda: latest().get("a", {}).get("state") == "RUNNING")
    server.wait(lambda: latest().get("bad", {}).get("state") == "BACKOFF")
    server.wait(lambda: latest()["a"]["last_notice_at"], deadline=20)
    (files / "bad.toml").unlink()
    server.wait(lambda: "bad" in latest() and latest()["bad"] is None)
    process.popen.send_signal(signal.SIGTERM)
    assert process.wait() == 0
    assert latest()["a"]["state"] == "STOPPED"


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=40) as answer:
        return str(answer.read().decode())


def _data(files: Path) -> Path:
    return files.parent / "data"


def _events(process: Process, alert: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in process.logged().splitlines() if line.startswith("{")]
    return [one for one in found if one.get("alert") == alert]


def _starts(process: Process, alert: str) -> int:
    return sum(one["event"] == "the alert has started" for one in _events(process, alert))


def _states(process: Process, alert: str) -> str:
    states = [one["event"].rpartition(" ")[2] for one in _events(process, alert) if "is now" in one["event"]]
    return str(states[-1]) if states else ""
