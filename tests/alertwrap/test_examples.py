"""The example alerts and the source, for real: on this very machine, against a server that stores what arrives."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from alertwrap.manifest import metric_schema, read_manifest
from tests.alertwrap.conftest import ROOT, Process
from tests.fakes.server import FakeServer

ALERTS = ROOT / "examples" / "alerts"
FILES = sorted(ALERTS.glob("*.toml"))
NAMES = [file.stem for file in FILES]


def titles(server: FakeServer, alert: str, status: str = "firing") -> list[str]:
    return [notice["title"] for notice in server.of(alert) if notice.get("status", "firing") == status]


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_every_example_is_short_described_and_has_a_sound_schema(file: Path) -> None:
    manifest = read_manifest(file)
    assert manifest.program is not None
    assert len(manifest.program.read_text().splitlines()) <= 40
    schema = metric_schema(manifest)
    assert schema is not None
    jsonschema.Draft202012Validator.check_schema(schema)
    defaults = {name: field["default"] for name, field in schema["properties"].items()}
    jsonschema.validate(defaults, schema)
    assert file.read_text().startswith("# ")
    assert tomllib.loads(file.read_text())["name"] == manifest.name


def test_with_no_config_at_all_each_says_at_once_how_this_machine_is(
    server: FakeServer, start: Callable[..., Process]
) -> None:
    process = start(*FILES)
    names = [read_manifest(file).name for file in FILES]
    server.wait(lambda: all(server.of(name) for name in names))
    assert titles(server, "disk-space")[0].startswith("Disk")
    assert any("now" in title for title in titles(server, "load"))
    assert any("available" in title for title in titles(server, "memory"))
    process.popen.terminate()
    assert process.wait() == 0
    assert "signal" not in process.logged(), "every example ends by itself when its stdin ends"


def test_a_config_makes_each_fire_and_another_one_resolves_it_live(
    server: FakeServer, start: Callable[..., Process]
) -> None:
    limits: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "disk-space": ({"max_pct": 1, "every": 1}, {"max_pct": 100, "every": 1}),
        "memory": ({"min_free_pct": 100}, {"min_free_pct": 0}),
        "load": ({"max_per_cpu": 0.0001}, {"max_per_cpu": 1000}),
    }
    server.put("host.load", "db1", {"host": "db1", "load5": 3.0, "cpus": 2})
    for name, (low, _) in limits.items():
        server.put_config(name, name, **low)
    start(*FILES)
    for key in ("disk:/", "memory", "load:db1"):
        server.wait(lambda key=key: any(n.get("key") == key for n in server.notices.values()))  # type: ignore[misc]
    for name, (_, high) in limits.items():
        server.put_config(name, name, 2, **high)
    server.put("host.load", "db1", {"host": "db1", "load5": 2.9, "cpus": 2})
    for name in limits:
        server.wait(lambda name=name: titles(server, name, "resolved"), deadline=20)  # type: ignore[misc]
    assert {notice["config"] for notice in server.of("memory")} == {"memory"}


def test_the_source_publishes_the_mounts_load_and_memory_of_this_machine() -> None:
    received: list[dict[str, Any]] = []
    enough = threading.Event()

    class Intake(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/api/v1/events"
            assert self.headers["Authorization"] == "Bearer t"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.extend(json.loads(line) for line in body.splitlines())
            self.send_response(202)
            self.end_headers()
            enough.set()

        def log_message(self, format: str, *args: Any) -> None: ...

    intake = HTTPServer(("127.0.0.1", 0), Intake)
    threading.Thread(target=intake.serve_forever, args=(0.02,), daemon=True).start()
    environ = {"ALERTWRAP_SERVER": f"http://127.0.0.1:{intake.server_address[1]}", "ALERTWRAP_TOKEN": "t"}
    source = subprocess.Popen([sys.executable, ROOT / "examples" / "sources" / "host.py"], env=environ)
    try:
        assert enough.wait(10)
    finally:
        source.terminate()
        source.wait()
        intake.shutdown()
        intake.server_close()
    by_topic = {event["topic"]: event["data"] for event in received}
    assert set(by_topic) == {"host.mount", "host.load", "host.memory"}
    assert by_topic["host.load"]["cpus"] >= 1
    assert 0 < by_topic["host.memory"]["available"] <= by_topic["host.memory"]["total"]
    assert any(event["key"].endswith(":/") for event in received if event["topic"] == "host.mount")


def test_a_machine_is_told_of_when_it_stops_unasked_and_again_when_it_runs(
    server: FakeServer, start: Callable[..., Process]
) -> None:
    def put(status: str, wanted: str = "running") -> None:
        server.put("vm", "web-1", {"name": "web-1", "status": status, "wanted": wanted, "url": "/#web-1"})

    server.put_config("machine-state", "machine-state", severity="error")
    put("running")
    server.put("vm", "idle", {"name": "idle", "status": "stopped", "wanted": "stopped"})
    start(ALERTS / "machine-state.toml")
    server.wait(lambda: titles(server, "machine-state"))
    put("crashed")
    server.wait(lambda: "Machine web-1 has crashed" in titles(server, "machine-state"))
    put("starting")
    put("running")
    server.wait(lambda: titles(server, "machine-state", "resolved"))
    said = [notice for notice in server.of("machine-state") if notice.get("key") == "vm:web-1"]
    assert [(one["status"], one["severity"], one["url"]) for one in said] == [
        ("firing", "error", "/#web-1"),
        ("resolved", "success", "/#web-1"),
    ]
    assert not any(notice.get("key") == "vm:idle" for notice in server.of("machine-state"))
