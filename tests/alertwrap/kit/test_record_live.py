"""`alertwrap record --live`: what the real system tells an alert, beside the `alertwrap run` that runs it for real."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.alertwrap.conftest import ROOT
from tests.panel.house import House

BROKEN = ROOT / "tests" / "programs" / "broken"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


class Place:
    """A real `alertwrap up`, and commands beside it that find it by its data directory."""

    def __init__(self, house: House, place: Path) -> None:
        self.house = house
        self.place = place
        self.errors = place / "stderr"
        self._started: list[subprocess.Popen[bytes]] = []
        token = (house.directory / "admin.token").read_text().strip()
        self._http = httpx2.Client(
            base_url=house.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=40
        )

    def alertwrap(self, *words: str) -> subprocess.Popen[bytes]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ALERTWRAP_")}
        environ = {**clean, "ALERTWRAP_DATA": str(self.house.directory)}
        command = [sys.executable, "-m", "alertwrap", *words]
        with self.errors.open("ab") as out:
            self._started.append(subprocess.Popen(command, env=environ, stdout=out, stderr=out))
        return self._started[-1]

    def post(self, path: str, body: Any) -> None:
        self._http.post(path, json=body).raise_for_status()

    def thing(self, key: str, size: int) -> None:
        data = {"name": key.title(), "size": size}
        self.post("/api/v1/events", {"topic": "thing", "key": key, "action": "updated", "data": data})

    def titles(self) -> list[str]:
        """Of the alert's notices that are stored."""
        found = self._http.get("/api/v1/notices", params={"limit": 200}).raise_for_status().json()["items"]
        return [notice["title"] for notice in found if notice["alert"] == "good"]

    def wait(self, condition: Callable[[], object]) -> None:
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until, self.errors.read_text()
            time.sleep(0.05)

    def close(self) -> None:
        self._http.close()
        for process in self._started:
            process.kill()
            process.wait()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    house = House(tmp_path / "data").start()
    place = Place(house, tmp_path)
    yield place
    place.close()
    house.stop()


def test_it_hears_what_the_real_one_hears_and_sends_nothing(place: Place, tmp_path: Path) -> None:
    file, session = tmp_path / "good.toml", tmp_path / "session.ndjson"
    file.write_text(f'name = "good"\ncommand = ["{BROKEN / "good.py"}"]\nwatch = ["thing"]\n')
    place.post("/api/v1/configs", {"id": "c-live", "name": "good", "metric": {"limit": 10}, "channel": {}})
    place.thing("anvil", 12)
    place.alertwrap("run", str(file))
    place.wait(lambda: place.titles() == ["Thing Anvil is 12 large"])

    recording = place.alertwrap("record", str(file), "--live", "-o", str(session))
    place.wait(lambda: session.exists() and "Thing Anvil is 12 large" in session.read_text())
    place.thing("cart", 25)
    place.wait(lambda: "Thing Cart is 25 large" in session.read_text())
    place.wait(lambda: "Thing Cart is 25 large" in place.titles())
    recording.send_signal(signal.SIGINT)
    assert recording.wait(30) == 0, place.errors.read_text()

    lines = [json.loads(entry["line"]) for entry in map(json.loads, session.read_text().splitlines())
             if entry["dir"] == "in"]  # fmt: skip
    assert lines[0]["type"] == "config"
    assert [config["id"] for line in lines if line["type"] == "config" for config in line["configs"]] == ["c-live"]
    assert {line["key"] for line in lines if line["type"] == "entity"} == {"anvil", "cart"}
    assert "admin" in {line["id"] for line in lines if line["type"] == "recipient"}
    assert sorted(place.titles()) == ["Thing Anvil is 12 large", "Thing Cart is 25 large"], "each from `run` alone"

    replay = [sys.executable, "-m", "alertwrap", "replay", str(session), "--against", str(file)]
    assert subprocess.run(replay, capture_output=True, text=True).stdout == "the same 2 notices as then\n"
    (tmp_path / "new.json").write_text('{"limit": 20}')
    backtest = subprocess.run([*replay, "--configs", str(tmp_path / "new.json")], capture_output=True, text=True)
    assert backtest.stdout == (
        "- gone     info     Thing Anvil is 12 large  (anvil)\nthen 2 notices, now 1: 0 new, 1 gone, 0 changed\n"
    )


def test_without_a_server_it_says_so_at_once(tmp_path: Path) -> None:
    environ = {**os.environ, "ALERTWRAP_DATA": str(tmp_path)}
    words = ["record", str(BROKEN / "good.py"), "--live", "-o", str(tmp_path / "session")]
    done = subprocess.run([sys.executable, "-m", "alertwrap", *words], env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no server runs on" in done.stderr
    assert not (tmp_path / "session").exists()
