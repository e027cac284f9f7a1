"""The panel has a form for the configs of an alert, because its schema is made known, sooner or later."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from alertwrap.delivery.post import Answer, NoAnswer
from alertwrap.log import Log
from alertwrap.status import registrar as registrar_module
from alertwrap.status.registrar import Registrar
from tests.alertwrap.conftest import Process, Write
from tests.alertwrap.test_watcher import eventually
from tests.fakes.server import FakeServer
from tests.story.system import one_process

SCHEMA = {"type": "object", "properties": {"max": {"type": "integer"}}}


class Configurator:
    """Knows alerts by path. `mood` may answer, or fail, in its place."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.puts = 0
        self.asked = 0
        self.mood: Callable[[str], Answer | None] = lambda _: None

    def ask(self, method: str, path: str, body: bytes) -> Answer:
        self.asked += 1
        odd = self.mood(method)
        if odd is not None:
            return odd
        if method == "PUT":
            self.puts += 1
            self.known[path] = json.loads(body)
        found = self.known.get(path)
        return Answer(404, None, b"{}") if found is None else Answer(200, None, json.dumps(found).encode())


class Registering:
    def __init__(self) -> None:
        self.configurator = Configurator()
        self.log = io.StringIO()
        self.registrar = Registrar(self.configurator.ask, Log(as_json=False, out=self.log), _random())
        self.thread = threading.Thread(target=self.registrar.run, daemon=True)
        self.thread.start()


def _random() -> Any:
    import random

    return random.Random(1)


@pytest.fixture
def registering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registering]:
    monkeypatch.setattr(registrar_module, "backoff", lambda *_: 0.01)
    made = Registering()
    yield made
    made.registrar.stop()
    made.thread.join(5)
    assert not made.thread.is_alive()


def test_a_schema_is_made_known_once_and_what_people_wrote_stays(registering: Registering) -> None:
    known = registering.configurator.known
    known["/api/v1/alerts/disk"] = {"metric_schema": None, "description": "by a person"}
    registering.registrar.register("disk", SCHEMA)
    eventually(lambda: known["/api/v1/alerts/disk"]["metric_schema"] == SCHEMA)
    assert known["/api/v1/alerts/disk"]["description"] == "by a person"
    asked = registering.configurator.asked
    registering.registrar.register("disk", dict(SCHEMA))
    eventually(lambda: registering.configurator.asked > asked)
    assert registering.configurator.puts == 1
    registering.registrar.register("disk", {**SCHEMA, "description": "new"})
    eventually(lambda: registering.configurator.puts == 2)


@pytest.mark.parametrize("trouble", [403, 500, None], ids=["forbidden", "broken", "away"])
def test_it_is_tried_again_and_told_once(registering: Registering, trouble: int | None) -> None:
    def mood(_: str) -> Answer:
        if trouble is None:
            raise NoAnswer("nobody at home")
        return Answer(trouble, None, b"")

    registering.configurator.mood = mood
    registering.registrar.register("disk", SCHEMA)
    eventually(lambda: registering.configurator.asked > 3)
    registering.configurator.mood = lambda _: None
    eventually(lambda: registering.configurator.puts == 1)
    assert registering.log.getvalue().count("is not registered") == 1


def test_a_schema_that_is_refused_is_told_and_not_tried_again(registering: Registering) -> None:
    registering.configurator.mood = lambda method: Answer(422, None, b"unsafe") if method == "PUT" else None
    registering.registrar.register("disk", {"$ref": "file:///etc/passwd"})
    eventually(lambda: "unsafe" in registering.log.getvalue())
    asked = registering.configurator.asked
    registering.configurator.mood = lambda _: None
    registering.registrar.register("load", SCHEMA)
    eventually(lambda: registering.configurator.puts == 1)
    assert registering.configurator.asked == asked + 2
    assert list(registering.configurator.known) == ["/api/v1/alerts/load"]


def test_run_registers_the_schema_of_the_file_and_that_of_hello(
    server: FakeServer, start: Callable[..., Process], write_alert: Write, tmp_path: Path
) -> None:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    hello = json.dumps({"type": "hello", "metric_schema": {**SCHEMA, "description": "said"}})
    start(
        write_alert(["talker.py", hello], name="files", metric_schema="schema.json"),
        write_alert(["talker.py", hello], name="hellos"), write_alert(["talker.py"], name="none"),
    )  # fmt: skip
    server.wait(lambda: len(server.alerts) == 2)
    assert server.alerts == {
        "files": {"metric_schema": SCHEMA, "description": ""},
        "hellos": {"metric_schema": {**SCHEMA, "description": "said"}, "description": "said"},
    }
    (tmp_path / "schema.json").write_text(json.dumps({**SCHEMA, "title": "changed"}))
    server.wait(lambda: server.alerts["files"]["metric_schema"].get("title") == "changed", deadline=20)


async def test_the_configurator_itself_knows_the_alert_and_refuses_what_breaks_its_schema(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    manifest = tmp_path / "disk.toml"
    manifest.write_text('name = "disk"\ncommand = ["sleep", "60"]\nmetric_schema = "schema.json"\n')
    async with one_process(tmp_path, {}) as system, asyncio.timeout(60):
        scopes = ["notices:write", "events:read", "configs:read", "alerts:write"]
        token = (await system.post("/api/v1/tokens", {"name": "disk", "scopes": scopes}))["token"]
        await system.wrapper(manifest, {"ALERTWRAP_TOKEN": token})
        while not (await system.http.get("/api/v1/alerts/disk")).is_success:
            await asyncio.sleep(0.05)
        assert (await system.get("/api/v1/alerts/disk"))["metric_schema"] == SCHEMA
        wrong = await system.http.post("/api/v1/configs", json={"name": "disk", "metric": {"max": "many"}})
        assert wrong.status_code == 422
        await system.post("/api/v1/configs", {"name": "disk", "metric": {"max": 1}})
